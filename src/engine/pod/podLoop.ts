import type { Clock } from '../base/clock.js';
import type { Disposable } from '../base/disposable.js';
import { apply } from './core/state/applyEvent.js';
import type { PodEvent } from './core/state/podEvent.js';
import { emptyPod, type PodState } from './core/state/podState.js';
import { nextStep, type Step } from './core/state/reconcile.js';

/** A step that has an effect. */
export type Effect = Exclude<Step, { readonly kind: 'wait' }>;

export interface PodLoopOptions {
  readonly clock: Clock;
  /** Begins an effect; what comes of it is told to `happened`, now or later. Must not throw. */
  perform(step: Effect): void;
  /** The state is another one, and nothing is to be done about it now. */
  settled(state: PodState, before: PodState): void;
}

/** Events in, one step after the other out. */
export class PodLoop implements Disposable {
  #state: PodState = emptyPod;
  #running = false;
  #timer: Disposable | null = null;
  #disposed = false;

  constructor(private readonly options: PodLoopOptions) {}

  get state(): PodState {
    return this.#state;
  }

  /** Something has happened, as of now. */
  happened(event: PodEvent): void {
    if (this.#disposed) return;
    const before = this.#state;
    this.#apply(event);
    // An effect that is over at once is seen by the loop that began it.
    if (this.#running) return;
    this.#running = true;
    try {
      this.#reconcile();
    } finally {
      this.#running = false;
    }
    if (!this.#disposed) this.options.settled(this.#state, before);
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
  }

  #reconcile(): void {
    this.#timer?.dispose();
    for (;;) {
      const step = nextStep(this.#state);
      if (step.kind === 'wait') {
        if (step.until !== null) this.#timer = this.options.clock.setTimeout(() => this.happened({ kind: 'tick' }), Math.max(1, step.until - this.options.clock.now()));
        return;
      }
      this.#apply({ kind: 'begun', step });
      this.options.perform(step);
      if (this.#disposed) return;
    }
  }

  #apply(event: PodEvent): void {
    this.#state = apply(this.#state, { ...event, at: this.options.clock.now() });
  }
}
