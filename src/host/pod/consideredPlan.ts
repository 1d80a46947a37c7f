import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Clock } from '../../engine/base/clock.js';
import { failureOf } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { PodClient } from '../../engine/client/podClient.js';
import type { RoleOptions } from '../../engine/protocol/engineTypes.js';
import type { Machine, PlanPreview } from '../../engine/protocol/podTypes.js';
import type { PodState } from './podState.js';

/** Machines come one after the other: a plan is made anew this long after the last change, in milliseconds. */
const settleMs = 500;

/** What of a machine decides whether it can have a part. */
function standing({ fingerprint, paired, presence, lendableBytes, holder, problem }: Machine): unknown {
  return [fingerprint, paired, presence, lendableBytes !== null, holder, problem?.code];
}

export interface ConsideredPlanDeps {
  readonly pod: PodClient;
  readonly state: PodState;
  readonly options: (path: string) => RoleOptions;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps the plan of the considered model true while machines come and go. */
export class ConsideredPlan implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  #timer: Disposable | undefined;
  #planned = '';

  constructor(private readonly deps: ConsideredPlanDeps) {
    this.#store.add(deps.state.onChange(() => this.#follow()));
  }

  /** What would happen with a model. Nothing is shown yet. */
  plan(path: string, signal: AbortSignal): Promise<PlanPreview> {
    this.#planned = this.#standing();
    return this.deps.pod.plan(this.deps.options(path), signal);
  }

  dispose(): void {
    this.#ended.abort();
    this.#timer?.dispose();
    this.#store.dispose();
  }

  #standing(): string {
    return JSON.stringify((this.deps.state.facts.status?.machines ?? []).map(standing));
  }

  #follow(): void {
    const { considered, status } = this.deps.state.facts;
    if (considered === null || considered.preview === null || status === null || this.#standing() === this.#planned) return;
    this.#planned = this.#standing();
    this.#timer?.dispose();
    this.#timer = this.deps.clock.setTimeout(() => this.#again(), settleMs);
  }

  #again(): void {
    const { considered } = this.deps.state.facts;
    if (considered === null) return;
    this.plan(considered.path, this.#ended.signal).then(
      (preview) => this.deps.state.planned(considered, preview),
      (error: unknown) => this.deps.log.debug(`planning again: ${JSON.stringify(failureOf(error))}`),
    );
  }
}
