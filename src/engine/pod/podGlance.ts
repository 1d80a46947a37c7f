import { delay, raceAbort } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';

/** How long paired machines get to connect, and how often it is looked whether they have. */
const waitMs = 2_000;
const lookMs = 100;
/** Whoever asks once asks again soon: about the next model. */
const keptMs = 30_000;

export interface PodGlanceOptions {
  readonly clock: Clock;
  /** Connects to the paired machines until it is disposed. */
  watch(): Promise<Disposable>;
  /** Whether some of them are on the way. */
  joining(): boolean;
}

/** A look at the pod without anybody watching it: connects, waits a moment, and stays for some time so that the next look is at once. */
export class PodGlance implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  #looking: Promise<void> | null = null;
  #watching: Disposable | null = null;
  #leave: Disposable | null = null;

  constructor(private readonly options: PodGlanceOptions) {
    this.#store.add(toDisposable(() => this.#ended.abort()));
    this.#store.add(toDisposable(() => this.#end()));
  }

  /** Settles when all paired machines are connected, or have had their time. @throws EngineError `cancelled` */
  async look(signal: AbortSignal): Promise<void> {
    this.#leave?.dispose();
    this.#leave = this.options.clock.setTimeout(() => this.#end(), keptMs);
    this.#looking ??= this.#connect().catch((error: unknown) => {
      this.#end();
      throw error;
    });
    await raceAbort(this.#looking, signal);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #connect(): Promise<void> {
    const { clock, watch, joining } = this.options;
    const watching = await watch();
    if (this.#ended.signal.aborted) watching.dispose();
    else this.#watching = watching;
    for (let waited = 0; waited < waitMs && joining(); waited += lookMs) await delay(lookMs, this.#ended.signal, clock);
  }

  #end(): void {
    this.#leave?.dispose();
    this.#leave = null;
    this.#watching?.dispose();
    this.#watching = null;
    this.#looking = null;
  }
}
