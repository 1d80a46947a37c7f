import type { Clock } from './clock.js';
import type { Disposable } from './disposable.js';

/** Calls back at once, and then at most once per interval, however often it is asked to; the last request is never lost. */
export class Throttle implements Disposable {
  #timer: Disposable | null = null;
  #asked = false;
  #disposed = false;

  /** @param ms The interval in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
    private readonly callback: () => void,
  ) {}

  ask(): void {
    if (this.#disposed) return;
    if (this.#timer !== null) {
      this.#asked = true;
      return;
    }
    this.#timer = this.clock.setTimeout(() => {
      this.#timer = null;
      if (!this.#asked) return;
      this.#asked = false;
      this.ask();
    }, this.ms);
    this.callback();
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }
}
