import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { Emitter, type Event } from '../../engine/base/event.js';
import type { PodClient } from '../../engine/client/podClient.js';
import type { PlanPreview, PodStatus } from '../../engine/protocol/podTypes.js';
import { WatchedStatus } from '../watchedStatus.js';
import type { ConsideredModel } from './tree/planNodes.js';
import type { PodFacts } from './tree/podTree.js';

/** What this window knows of the pod. The daemon is asked only while somebody here needs to know. */
export class PodState implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<PodFacts>());
  readonly #watched: WatchedStatus<PodStatus>;
  #considered: ConsideredModel | null = null;

  readonly onChange: Event<PodFacts> = this.#changed.event;

  constructor(pod: PodClient) {
    this.#watched = this.#store.add(new WatchedStatus(pod));
    this.#store.add(this.#watched.onChange(() => this.#changed.fire(this.facts)));
  }

  get facts(): PodFacts {
    return { status: this.#watched.status, failure: this.#watched.failure, considered: this.#considered };
  }

  /** The model whose plan the view shows; `null` is none. */
  consider(model: ConsideredModel | null): void {
    this.#considered = model;
    this.#changed.fire(this.facts);
  }

  /** What came of planning a model, if it is still the considered one; `null` is no plan. */
  planned(model: ConsideredModel, preview: PlanPreview | null): void {
    if (this.#considered === model) this.consider(preview === null ? null : { path: model.path, preview });
  }

  /** Hears the status until the last one who wants it lets go. A failure is in the facts, and the next one to ask tries again. */
  hold(): Disposable {
    return this.#watched.hold();
  }

  /** Hears the status while the work is under way. */
  whileHeld<T>(work: () => Promise<T>): Promise<T> {
    return this.#watched.whileHeld(work);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
