import { raceAbort } from '../base/async.js';

/** One piece of work that several callers wait for. It is aborted when the last of them has given up. */
export class SharedTask<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiters = 0;
  #settled = false;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#controller.signal).finally(() => (this.#settled = true));
    // Each waiter hears of a failure by itself; with none left it concerns nobody.
    this.#result.catch(() => undefined);
  }

  /** Whether the work was told to stop, so that a newcomer must start afresh. */
  get aborted(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Waits for the result. @throws EngineError `cancelled` when this caller's signal is aborted first */
  async join(signal: AbortSignal): Promise<T> {
    this.#waiters++;
    try {
      return await raceAbort(this.#result, signal);
    } finally {
      this.#waiters--;
      if (this.#waiters === 0 && !this.#settled) this.#controller.abort();
    }
  }
}
