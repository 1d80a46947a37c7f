import { raceAbort, throwIfAborted } from '../base/async.js';
import { EngineError, type Role } from '../base/errors.js';

interface Waiting {
  readonly slot: string;
  readonly start: () => void;
}

/**
 * Decides when the requests of one role run: as many at once as there are slots, one at a time in each slot, otherwise in the order
 * in which they came. A request that is aborted leaves at once; its place among the running ones is free when its work has stopped.
 */
export class RequestQueue {
  readonly #waiting = new Set<Waiting>();
  readonly #busySlots = new Set<string>();

  constructor(
    private readonly role: Role,
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  get running(): number {
    return this.#busySlots.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Runs the work when its turn comes. @throws EngineError `queueFull`, `cancelled`, and what the work throws */
  async run<T>(slot: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    await this.#turn(slot, signal);
    const result = work().finally(() => {
      this.#busySlots.delete(slot);
      this.#startNext();
    });
    // After an abort nobody else hears how the work ended.
    result.catch(() => undefined);
    return raceAbort(result, signal);
  }

  async #turn(slot: string, signal: AbortSignal): Promise<void> {
    if (this.#mayRun(slot)) {
      this.#busySlots.add(slot);
      return;
    }
    if (this.#waiting.size >= this.maxWaiting) throw new EngineError({ code: 'queueFull', role: this.role });
    let entry: Waiting | undefined;
    let started = false;
    const turn = new Promise<void>((resolve) => {
      entry = {
        slot,
        start: () => {
          started = true;
          resolve();
        },
      };
      this.#waiting.add(entry);
    });
    try {
      await raceAbort(turn, signal);
    } catch (error) {
      if (entry !== undefined) this.#waiting.delete(entry);
      if (started) {
        this.#busySlots.delete(slot);
        this.#startNext();
      }
      throw error;
    }
  }

  #mayRun(slot: string): boolean {
    return this.#busySlots.size < this.maxRunning && !this.#busySlots.has(slot);
  }

  #startNext(): void {
    for (const entry of Array.from(this.#waiting)) {
      if (!this.#mayRun(entry.slot)) continue;
      this.#waiting.delete(entry);
      this.#busySlots.add(entry.slot);
      entry.start();
    }
  }
}
