import type { Clock } from './clock.js';
import { type Disposable, DisposableStore, toDisposable } from './disposable.js';
import { Throttle } from './throttle.js';

const statusMs = 250;
/** Figures such as those of traffic change without an event. */
const figuresMs = 500;

/** Tells whoever watches what the status is: when it is asked to, four times a second at most, and by itself while something runs. */
export class StatusFeed<Status> implements Disposable {
  readonly #store = new DisposableStore();
  readonly #watchers = new Set<(status: Status) => void>();
  readonly #throttle: Throttle;
  #running = false;
  #figures: Disposable | null = null;

  /** `read` says the status as of now. */
  constructor(
    private readonly clock: Clock,
    private readonly read: () => Status,
  ) {
    this.#throttle = this.#store.add(new Throttle(clock, statusMs, () => this.#report()));
    this.#store.add(toDisposable(() => this.#figures?.dispose()));
  }

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  add(hear: (status: Status) => void): Disposable {
    this.#watchers.add(hear);
    return toDisposable(() => this.#watchers.delete(hear));
  }

  /** Something about the status has changed. */
  ask(): void {
    this.#throttle.ask();
  }

  /** Says it now, so that whoever has asked for a change hears of it before the answer. */
  tell(): void {
    this.#report();
  }

  /** Whether something runs from now on. */
  follow(running: boolean): void {
    this.#running = running;
    if (!running || !this.watched || this.#store.disposed) {
      this.#figures?.dispose();
      this.#figures = null;
      return;
    }
    this.#figures ??= this.clock.setTimeout(() => {
      this.#figures = null;
      this.ask();
      this.follow(this.#running);
    }, figuresMs);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #report(): void {
    if (!this.watched) return;
    const status = this.read();
    for (const hear of this.#watchers) hear(status);
  }
}
