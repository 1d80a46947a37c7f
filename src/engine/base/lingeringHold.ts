import { raceAbort, throwIfAborted } from './async.js';
import type { Clock } from './clock.js';
import { type Disposable, DisposableStore, toDisposable } from './disposable.js';
import { EngineError } from './errors.js';

/** A use of what is held: it stays for as long as this is not disposed. */
export interface Held<T> extends Disposable {
  readonly value: T;
}

/** Has something for as long as anybody uses it, and a while longer, so that it is there at once for whoever comes next. */
export class LingeringHold<T extends Disposable> implements Disposable {
  readonly #store = new DisposableStore();
  #users = 0;
  #value: Promise<T> | null = null;
  #linger: Disposable | null = null;

  /** @param lingerMs How long it stays after the last use, in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly lingerMs: number,
    private readonly acquire: () => Promise<T>,
  ) {
    this.#store.add(toDisposable(() => this.#release()));
  }

  /** @throws EngineError `cancelled`, also when the hold has ended; what `acquire` throws, and the next use tries again */
  async use(signal: AbortSignal): Promise<Held<T>> {
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    throwIfAborted(signal);
    this.#linger?.dispose();
    this.#linger = null;
    this.#users++;
    const use = toDisposable(() => this.#left());
    try {
      return { value: await raceAbort((this.#value ??= this.#acquired()), signal), dispose: () => use.dispose() };
    } catch (error) {
      use.dispose();
      throw error;
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #acquired(): Promise<T> {
    const value = this.acquire().catch((error: unknown) => {
      if (this.#value === value) this.#value = null;
      throw error;
    });
    return value;
  }

  #left(): void {
    if (--this.#users === 0 && !this.#store.disposed) this.#linger = this.clock.setTimeout(() => this.#release(), this.lingerMs);
  }

  /** What is still on its way goes when it comes. */
  #release(): void {
    this.#linger?.dispose();
    this.#linger = null;
    const value = this.#value;
    this.#value = null;
    value?.then((present) => present.dispose()).catch(() => undefined);
  }
}
