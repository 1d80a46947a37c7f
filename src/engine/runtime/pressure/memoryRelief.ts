import type { Clock } from '../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.js';
import { EngineError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { EngineNotice } from '../../protocol/engineTypes.js';
import type { MemoryPressure } from '../../protocol/modelTypes.js';
import type { MemoryReading } from './memoryReading.js';
import { atThisMoment, pressureLevel } from './pressureLevel.js';

/** A model that may be in memory. */
export interface HeldModel {
  /** `null` while it is not in memory. */
  readonly modelName: string | null;
  /** By the clock; `null` while it is not in memory or in use. */
  readonly idleSince: number | null;
  /** Ends its process and waits until it is gone. */
  unload(): Promise<void>;
}

export interface MemoryReliefOptions {
  readonly read: () => Promise<MemoryReading>;
  readonly models: () => readonly HeldModel[];
  readonly notice: (notice: EngineNotice) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const lookMs = 3_000;
/** Between two keystrokes, or while an answer is read, a model is not idle. */
const idleMs = 60_000;
/** What is freed shows in the stalls of the last ten seconds only after them. */
const settleMs = 10_000;

/**
 * Watches the system's memory while a model is loaded. When it gets short, what has not been used for the longest time is unloaded,
 * one after the other; when it is nearly gone, all that is not in use at that moment, and nothing is loaded until there is more.
 */
export class MemoryRelief implements Disposable {
  readonly #store = new DisposableStore();
  #level: MemoryPressure = 'normal';
  #timer: Disposable | null = null;
  #unloadedAt = -Infinity;
  #toldCritical = false;
  #unreadable = false;

  constructor(private readonly options: MemoryReliefOptions) {
    this.#store.add(toDisposable(() => this.#timer?.dispose()));
  }

  /** A model was loaded or unloaded, or is used. */
  reconsider(): void {
    if (this.#timer !== null || this.#store.disposed || this.options.models().every(({ modelName }) => modelName === null)) return;
    this.#timer = this.options.clock.setTimeout(() => void this.#watch(), lookMs);
  }

  /** Before a load. @throws EngineError `memoryPressure` */
  async admit(path: string): Promise<void> {
    const reading = await this.#look();
    if (reading === null || this.#level !== 'critical') return;
    const unloaded = await this.#relieve(reading);
    const after = unloaded.length === 0 ? reading : await this.#read();
    if (after === null || pressureLevel(unloaded.length === 0 ? after : atThisMoment(after), 'normal') !== 'critical') return;
    throw new EngineError({ code: 'memoryPressure', path, availableBytes: after.availableBytes });
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #watch(): Promise<void> {
    const reading = await this.#look();
    if (reading !== null && !this.#store.disposed) await this.#relieve(reading);
    this.#timer = null;
    this.reconsider();
  }

  async #look(): Promise<MemoryReading | null> {
    const reading = await this.#read();
    if (reading === null) return null;
    const level = pressureLevel(reading, this.#level);
    if (level !== this.#level) this.options.log.info(`memory is ${level}: ${reading.availableBytes} of ${reading.totalBytes} bytes are available`);
    this.#level = level;
    if (level !== 'critical') this.#toldCritical = false;
    return reading;
  }

  /** Unloads what the level asks for, and tells the user. Answers the names. */
  async #relieve({ availableBytes }: MemoryReading): Promise<string[]> {
    const going = this.#going();
    const unloaded = going.map(({ modelName }) => modelName ?? '');
    if (going.length > 0) this.#unloadedAt = this.options.clock.now();
    await Promise.all(going.map((model) => model.unload()));
    const critical = this.#level === 'critical';
    if (unloaded.length === 0 && (!critical || this.#toldCritical)) return unloaded;
    this.#toldCritical = critical;
    this.options.notice({ kind: 'memoryPressure', critical, availableBytes, unloaded });
    return unloaded;
  }

  #going(): HeldModel[] {
    if (this.#level === 'normal') return [];
    const now = this.options.clock.now();
    const idle = this.options.models().filter(({ idleSince }) => idleSince !== null).toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
    if (this.#level === 'critical') return idle;
    if (now - this.#unloadedAt < settleMs) return [];
    return idle.filter(({ idleSince }) => now - (idleSince ?? now) >= idleMs).slice(0, 1);
  }

  async #read(): Promise<MemoryReading | null> {
    try {
      const reading = await this.options.read();
      this.#unreadable = false;
      return reading;
    } catch (error) {
      if (!this.#unreadable) this.options.log.warn(`the system's memory cannot be read: ${String(error)}`);
      this.#unreadable = true;
      return null;
    }
  }
}
