import { type Disposable, DisposableStore, toDisposable } from '../engine/base/disposable.js';
import { type Failure, failureOf } from '../engine/base/errors.js';
import { Emitter, type Event } from '../engine/base/event.js';

/** A client whose daemon tells a status while it is watched. */
export interface WatchedClient<S> {
  readonly status: S | null;
  readonly onStatus: Event<S | null>;
  watch(on: boolean): Promise<void>;
}

/** A status of the daemon as a window holds it: the daemon is asked only while somebody here needs to know. */
export class WatchedStatus<S> implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #holders = 0;
  #failure: Failure | null = null;

  readonly onChange: Event<void> = this.#changed.event;

  constructor(private readonly client: WatchedClient<S>) {
    this.#store.add(client.onStatus((status) => {
      if (status !== null) this.#failure = null;
      this.#changed.fire();
    }));
  }

  get status(): S | null {
    return this.client.status;
  }

  /** Why the status cannot be had. */
  get failure(): Failure | null {
    return this.#failure;
  }

  /** Hears the status until the last one who wants it lets go. The next one to ask tries again after a failure. */
  hold(): Disposable {
    if (++this.#holders === 1 || this.#failure !== null) this.#watch(true);
    return toDisposable(() => {
      if (--this.#holders === 0) this.#watch(false);
    });
  }

  /** Hears the status while the work is under way. */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    const held = this.hold();
    try {
      return await work();
    } finally {
      held.dispose();
    }
  }

  /** Settles when the status is known or cannot be had, or when nobody waits for it any longer. */
  async known(signal: AbortSignal): Promise<void> {
    if (this.status !== null || this.#failure !== null || signal.aborted) return;
    const store = new DisposableStore();
    await new Promise<void>((resolve) => {
      const stop = (): void => resolve();
      signal.addEventListener('abort', stop, { once: true });
      store.add(toDisposable(() => signal.removeEventListener('abort', stop)));
      store.add(this.onChange(() => {
        if (this.status !== null || this.#failure !== null) resolve();
      }));
    }).finally(() => store.dispose());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #watch(on: boolean): void {
    this.#failure = null;
    this.client.watch(on).catch((error: unknown) => {
      if (this.#holders === 0) return;
      this.#failure = failureOf(error);
      this.#changed.fire();
    });
  }
}
