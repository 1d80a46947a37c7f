import { type Disposable, DisposableStore, toDisposable } from '../../engine/base/disposable.js';
import { type Failure, failureOf } from '../../engine/base/errors.js';
import { Emitter, type Event } from '../../engine/base/event.js';
import type { PodClient } from '../../engine/client/podClient.js';
import type { ConsideredModel } from './tree/planNodes.js';
import type { PodFacts } from './tree/podTree.js';

/** What this window knows of the pod. The daemon is asked only while somebody here needs to know. */
export class PodState implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<PodFacts>());
  #holders = 0;
  #failure: Failure | null = null;
  #considered: ConsideredModel | null = null;

  readonly onChange: Event<PodFacts> = this.#changed.event;

  constructor(private readonly pod: PodClient) {
    this.#store.add(pod.onStatus((status) => {
      if (status !== null) this.#failure = null;
      this.#fire();
    }));
  }

  get facts(): PodFacts {
    return { status: this.pod.status, failure: this.#failure, considered: this.#considered };
  }

  /** The model whose plan the view shows; `null` is none. */
  consider(model: ConsideredModel | null): void {
    this.#considered = model;
    this.#fire();
  }

  /** Hears the status until the last one who wants it lets go. A failure is in the facts, and the next one to ask tries again. */
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

  dispose(): void {
    this.#store.dispose();
  }

  #watch(on: boolean): void {
    this.#failure = null;
    this.pod.watch(on).catch((error: unknown) => {
      if (this.#holders === 0) return;
      this.#failure = failureOf(error);
      this.#fire();
    });
  }

  #fire(): void {
    this.#changed.fire(this.facts);
  }
}
