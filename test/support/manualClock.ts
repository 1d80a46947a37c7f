import type { Clock } from '../../src/engine/base/clock.js';
import { type Disposable, toDisposable } from '../../src/engine/base/disposable.js';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock on which time passes only when the test says so. */
export class ManualClock implements Clock {
  #now = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  get waiting(): number {
    return this.#timers.length;
  }

  setTimeout(callback: () => void, ms: number): Disposable {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return toDisposable(() => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    });
  }

  /** Lets `ms` milliseconds pass; timers run in order, and promises that they settle are heard before the next one. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Time passes while nothing runs: what is due meanwhile is late, and comes when time next passes. */
  standStill(ms: number): void {
    this.#now += ms;
  }
}

/** Lets every promise that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
