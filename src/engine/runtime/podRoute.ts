import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, type Role } from '../base/errors.js';
import type { GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import type { LayerPlacement, LoadSource } from './layerPlacement.js';
import { ResumableStream } from './resumableStream.js';
import type { RoleLane } from './roleLane.js';
import type { GenerationRequest } from './workerClient.js';
import { samePlan, type WorkerPlan } from './workerPlan.js';
import type { WorkerUnit } from './workerUnit.js';

export interface PodRouteOptions {
  readonly placement: LayerPlacement;
  readonly clock: Clock;
  create(plan: WorkerPlan, source: LoadSource): WorkerUnit;
  /** Lets a unit end its open requests; settles when its memory is free. */
  retire(unit: WorkerUnit): Promise<void>;
  /** The lane of the worker here that serves a role when the pod does not. */
  local(role: Role): RoleLane | undefined;
  /** The pod answers from now on: the model that did so in its place can go. */
  freeLocal(): void;
}

/**
 * Decides for each request whether the model on the pod or the one here answers. From the pod to here it goes at once, back only
 * when no answer is being made here, so that the two models are never in memory together.
 */
export class PodRoute implements Disposable {
  readonly #store = new DisposableStore();
  #unit: WorkerUnit | null = null;
  /** With those that are only ending what they have begun. */
  readonly #units = new Set<WorkerUnit>();
  #onPod = false;

  constructor(private readonly options: PodRouteOptions) {
    const { placement } = options;
    this.#store.add(placement.onFallback(() => this.reconsider()));
    this.#store.add(placement.onLost((reason) => this.#units.forEach((unit) => unit.supervisor.interrupt(reason))));
  }

  get unit(): WorkerUnit | null {
    return this.#unit;
  }

  /** The pod's lane of a role while the pod answers. */
  lane(role: Role): RoleLane | undefined {
    return this.#onPod ? this.#unit?.lane(role) : undefined;
  }

  configure(plan: WorkerPlan | null, unloadAfterMs: number): void {
    const { placement } = this.options;
    if (this.#unit !== null && plan !== null && samePlan(plan, this.#unit.plan) && plan.roles.length === this.#unit.plan.roles.length) {
      this.#unit.unloadAfterMs = unloadAfterMs;
      return;
    }
    const former = this.#unit;
    if (former !== null) void this.options.retire(former).finally(() => this.#units.delete(former));
    this.#unit = null;
    this.#onPod = false;
    placement.aim(plan?.load ?? null);
    if (plan !== null) this.#unit = this.#create(plan);
    this.reconsider();
  }

  /** Something has changed that the choice depends on: the pod, or what is open here. */
  reconsider(): void {
    const unit = this.#unit;
    const wanted = unit !== null && this.options.placement.fallback === null;
    if (wanted === this.#onPod) return;
    if (wanted && unit.plan.roles.some((role) => (this.options.local(role)?.open ?? 0) > 0)) return;
    this.#onPod = wanted;
    if (!wanted) return;
    // What it failed with belongs to the time before.
    if (!unit.busy) void unit.supervisor.stop();
    this.options.freeLocal();
  }

  /** Generates on the pod; if it fails before the first text, here. What has been said stays, so that a request can end in the middle. */
  async generate(lane: RoleLane, generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const stream = new ResumableStream(report, () => this.options.clock.now());
    return this.#orLocal(
      generation.role,
      () => lane.generate(generation, stream.onEvent, signal),
      (local) => {
        if (stream.begun) stream.interrupted();
        return local.generate(generation, stream.onEvent, signal);
      },
      () => stream.tokens.length === 0,
    );
  }

  countTokens(lane: RoleLane, role: Role, text: string, signal: AbortSignal): Promise<number> {
    return this.#orLocal(
      role,
      () => lane.countTokens(text, signal),
      (local) => local.countTokens(text, signal),
      () => true,
    );
  }

  dispose(): void {
    this.#unit?.dispose();
    this.#unit = null;
    this.#store.dispose();
  }

  async #orLocal<T>(role: Role, onPod: () => Promise<T>, locally: (lane: RoleLane) => Promise<T>, mayMove: () => boolean): Promise<T> {
    try {
      return await onPod();
    } catch (error) {
      const { fallback } = this.options.placement;
      if (fallback === null || EngineError.is(error, 'cancelled')) throw error;
      const local = this.options.local(role);
      if (local === undefined || !mayMove()) throw new EngineError(fallback, { cause: error });
      return locally(local);
    }
  }

  #create(plan: WorkerPlan): WorkerUnit {
    const { placement } = this.options;
    const unit = this.options.create(plan, placement.source(plan.load));
    this.#units.add(unit);
    unit.onChange(() => {
      const { state } = unit.supervisor;
      if (state.kind === 'failed' && unit === this.#unit && placement.fallback === null) placement.failed(state.failure);
    });
    return unit;
  }
}
