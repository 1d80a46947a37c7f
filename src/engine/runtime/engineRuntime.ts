import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, type Role } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { DaemonDiagnostics } from '../protocol/daemonMessages.js';
import type { EngineOptions, EngineStatus, GenerationEvent, GenerationResult, RoleState } from '../protocol/engineTypes.js';
import type { EngineService } from './engineService.js';
import type { RestartPolicy } from './restartPolicy.js';
import type { RoleLane } from './roleLane.js';
import type { Patience } from './stuckWorker.js';
import type { GenerationRequest, WorkerLauncher } from './workerClient.js';
import { planWorkers, samePlan } from './workerPlan.js';
import { WorkerUnit } from './workerUnit.js';

export interface EngineRuntimeOptions {
  readonly launch: WorkerLauncher;
  readonly policy: RestartPolicy;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly log: Logger;
  /** Resolves links, so that two names of one file are one model; gives a path that cannot be resolved back as it is. */
  readonly realPath: (path: string) => string;
}

/** Turns the options of the clients into workers and routes each request to the worker of its role. */
export class EngineRuntime implements EngineService, Disposable {
  readonly #store = new DisposableStore();
  readonly #statusEmitter = this.#store.add(new Emitter<EngineStatus>());
  #options: EngineOptions | null = null;
  #units: readonly WorkerUnit[] = [];
  readonly #retiring = new Set<WorkerUnit>();
  #memoryFree: Promise<void> = Promise.resolve();

  constructor(private readonly setup: EngineRuntimeOptions) {}

  readonly onStatus: Event<EngineStatus> = this.#statusEmitter.event;

  get status(): EngineStatus {
    return { completion: this.#roleState('completion'), chat: this.#roleState('chat') };
  }

  get workers(): DaemonDiagnostics['workers'] {
    return [...this.#units, ...this.#retiring].map(({ supervisor, plan }) => ({ pid: supervisor.pid, roles: [...plan.roles], restarts: supervisor.restarts }));
  }

  /** A worker that the new options still ask for goes on; the others end when their open requests have ended. */
  configure(options: EngineOptions): void {
    this.#options = options;
    const plans = planWorkers(options, this.setup.realPath);
    const kept = this.#units.filter((unit) => plans.some((plan) => samePlan(plan, unit.plan)));
    for (const unit of this.#units) {
      if (!kept.includes(unit)) this.#retire(unit);
    }
    for (const unit of kept) unit.unloadAfterMs = options.unloadAfterMs;
    this.#units = plans.map((plan) => kept.find((unit) => samePlan(plan, unit.plan)) ?? this.#create(plan, options));
    this.#fireStatus();
  }

  async generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    return this.#lane(generation.role).generate(generation, report, signal);
  }

  async countTokens(role: Role, text: string, signal: AbortSignal): Promise<number> {
    return this.#lane(role).countTokens(text, signal);
  }

  async load(role: Role, signal: AbortSignal): Promise<void> {
    return this.#lane(role).load(signal);
  }

  /** Frees the memory of the role's worker, which another role may share. */
  async unload(role: Role): Promise<void> {
    await this.#unit(role)?.unload();
  }

  dispose(): void {
    for (const unit of [...this.#units, ...this.#retiring]) unit.dispose();
    this.#units = [];
    this.#store.dispose();
  }

  #create(plan: WorkerUnit['plan'], options: EngineOptions): WorkerUnit {
    const { launch, policy, patience, clock, log } = this.setup;
    const unit = new WorkerUnit(plan, { launch, policy, patience, clock, log: log.child(plan.roles.join('+')), memoryFree: this.#memoryFree }, options.unloadAfterMs);
    unit.onChange(() => this.#fireStatus());
    return unit;
  }

  #retire(unit: WorkerUnit): void {
    this.#retiring.add(unit);
    const gone = unit.retire().finally(() => this.#retiring.delete(unit));
    this.#memoryFree = Promise.all([this.#memoryFree, gone]).then(() => undefined);
  }

  #unit(role: Role): WorkerUnit | undefined {
    return this.#units.find((unit) => unit.lane(role) !== undefined);
  }

  #lane(role: Role): RoleLane {
    const lane = this.#unit(role)?.lane(role);
    if (lane === undefined) throw new EngineError({ code: 'roleOff', role });
    return lane;
  }

  #roleState(role: Role): RoleState {
    const lane = this.#unit(role)?.lane(role);
    if (lane !== undefined) return lane.state;
    return { state: this.#options === null ? 'unloaded' : 'off' };
  }

  #fireStatus(): void {
    this.#statusEmitter.fire(this.status);
  }
}
