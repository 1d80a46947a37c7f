import type { Clock } from '../../src/engine/base/clock.js';
import { type Disposable, toDisposable } from '../../src/engine/base/disposable.js';

/** A clock on which every wait is over at once, and which remembers how long it would have been. */
export class HurriedClock implements Clock {
  /** Milliseconds, in the order in which they were asked for. */
  readonly waits: number[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): Disposable {
    this.waits.push(ms);
    const immediate = setImmediate(() => {
      this.#now += ms;
      callback();
    });
    return toDisposable(() => clearImmediate(immediate));
  }
}
