import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, type Role } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { DaemonDiagnostics } from '../protocol/daemonMessages.js';
import type { EngineNotice, EngineOptions, EngineStatus, GenerationEvent, GenerationResult, RoleState } from '../protocol/engineTypes.js';
import type { LoadParams, LoadResult } from '../protocol/workerMessages.js';
import type { EngineService } from './engineService.js';
import { fixedLoad, type LayerPlacement, type LoadSource } from './layerPlacement.js';
import { MemoryLedger } from './memoryLedger.js';
import { PodRoute } from './podRoute.js';
import { MemoryRelief } from './pressure/memoryRelief.js';
import type { MemoryReading } from './pressure/memoryReading.js';
import { reducedNotices } from './reducedNotices.js';
import type { RestartPolicy } from './restartPolicy.js';
import type { RoleLane } from './roleLane.js';
import type { Patience } from './stuckWorker.js';
import type { GenerationRequest, WorkerLauncher } from './workerClient.js';
import { planPod, planWorkers, samePlan, type WorkerPlan } from './workerPlan.js';
import type { SupervisorOptions } from './workerSupervisor.js';
import { WorkerUnit } from './workerUnit.js';

export interface EngineRuntimeOptions {
  readonly launch: WorkerLauncher;
  readonly policy: RestartPolicy;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly log: Logger;
  /** Resolves links, so that two names of one file are one model; gives a path that cannot be resolved back as it is. */
  readonly realPath: (path: string) => string;
  /** Spreads the layers of `EngineOptions.pod`. */
  readonly placement: LayerPlacement;
  /** How this machine is doing for memory. */
  readonly readMemory: () => Promise<MemoryReading>;
}

/** What a supervisor needs to load within the memory that there is. */
export type Admission = Pick<SupervisorOptions, 'source' | 'memoryFree'>;

/** Turns the options of the clients into workers and routes each request to the worker of its role. */
export class EngineRuntime implements EngineService, Disposable {
  readonly #store = new DisposableStore();
  readonly #statusEmitter = this.#store.add(new Emitter<EngineStatus>());
  readonly #noticeEmitter = this.#store.add(new Emitter<EngineNotice>());
  readonly #relief: MemoryRelief;
  readonly #ledger = new MemoryLedger();
  #options: EngineOptions | null = null;
  #units: readonly WorkerUnit[] = [];
  readonly #retiring = new Set<WorkerUnit>();
  #memoryFree: Promise<void> = Promise.resolve();

  readonly #route: PodRoute;

  constructor(private readonly setup: EngineRuntimeOptions) {
    const { readMemory, clock, log } = setup;
    const notice = (notice: EngineNotice): void => this.#noticeEmitter.fire(notice);
    this.#relief = this.#store.add(new MemoryRelief({ read: readMemory, models: () => this.#allUnits(), notice, clock, log }));
    this.#route = new PodRoute({
      placement: setup.placement,
      clock: setup.clock,
      create: (plan, source) => this.#create(plan, source),
      retire: (unit) => this.#retire(unit),
      local: (role) => this.#unit(role)?.lane(role),
      freeLocal: () => this.#freeLocalChat(),
    });
    this.#store.add(this.#route);
    this.#store.add(setup.placement.onFallback(() => this.#fireStatus()));
  }

  readonly onStatus: Event<EngineStatus> = this.#statusEmitter.event;
  readonly onNotice: Event<EngineNotice> = this.#noticeEmitter.event;

  get status(): EngineStatus {
    return { completion: this.#roleState('completion'), chat: this.#roleState('chat') };
  }

  get workers(): DaemonDiagnostics['workers'] {
    return this.#allUnits().map(({ supervisor, plan }) => ({ pid: supervisor.pid, roles: [...plan.roles], restarts: supervisor.restarts }));
  }

  /** The models that are in memory, or on their way there. */
  get heldFiles(): string[] {
    return this.#allUnits().flatMap(({ supervisor, plan }) => (supervisor.pid !== null || supervisor.state.kind === 'starting' ? [plan.load.model.path] : []));
  }

  /** What is in effect; `null` before anybody has said anything. */
  get options(): EngineOptions | null {
    return this.#options;
  }

  /**
   * A worker that the new options still ask for goes on, unless it was loaded within another budget; the others end when their open
   * requests have ended.
   */
  configure(options: EngineOptions): void {
    this.#options = options;
    const sameBudget = this.#ledger.budgetBytes === options.memoryBudgetBytes;
    this.#ledger.budgetBytes = options.memoryBudgetBytes;
    const plans = planWorkers(options, this.setup.realPath);
    const kept = this.#units.filter((unit) => sameBudget && plans.some((plan) => samePlan(plan, unit.plan)));
    for (const unit of this.#units) {
      if (!kept.includes(unit)) void this.#retire(unit);
    }
    for (const unit of kept) unit.unloadAfterMs = options.unloadAfterMs;
    this.#units = plans.map((plan) => kept.find((unit) => samePlan(plan, unit.plan)) ?? this.#create(plan, fixedLoad(plan.load)));
    this.#route.configure(planPod(options, this.setup.realPath), options.unloadAfterMs);
    this.#fireStatus();
  }

  async generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const pod = this.#route.lane(generation.role);
    if (pod !== undefined) return this.#route.generate(pod, generation, report, signal);
    return this.#lane(generation.role).generate(generation, report, signal);
  }

  async countTokens(role: Role, text: string, signal: AbortSignal): Promise<number> {
    const pod = this.#route.lane(role);
    if (pod !== undefined) return this.#route.countTokens(pod, role, text, signal);
    return this.#lane(role).countTokens(text, signal);
  }

  /** Asked for by the user, so a pod that could not before is tried again, and what keeps it from loading is said. */
  async load(role: Role, signal: AbortSignal): Promise<void> {
    if (this.#route.unit?.lane(role) !== undefined) this.setup.placement.retry();
    return (this.#route.lane(role) ?? this.#lane(role)).load(signal);
  }

  /** Frees the memory of the role's worker, which another role may share. */
  async unload(role: Role): Promise<void> {
    const pod = this.#route.unit?.lane(role) === undefined ? null : this.#route.unit;
    await Promise.all([pod?.unload(), this.#unit(role)?.unload()]);
  }

  /** Frees the memory of all models that nobody is asking anything; the next request loads them again. */
  async unloadIdle(): Promise<void> {
    const idle = this.#allUnits().filter((unit) => !unit.busy && unit.supervisor.state.kind === 'ready');
    await Promise.all(idle.map((unit) => unit.unload()));
  }

  /** For a worker beside those of the roles, which gets the memory that they leave. */
  beside(load: LoadParams): Admission {
    return this.#admitted(load.model.path, fixedLoad(load));
  }

  dispose(): void {
    for (const unit of this.#allUnits()) unit.dispose();
    this.#units = [];
    this.#store.dispose();
  }

  #allUnits(): WorkerUnit[] {
    const pod = this.#route.unit;
    return [...this.#units, ...(pod === null ? [] : [pod]), ...this.#retiring];
  }

  /** A load within the user's budget, once the memory of earlier workers is free and if the system has any. */
  #admitted(path: string, source: LoadSource): Admission {
    const memoryFree = async (): Promise<void> => {
      await this.#memoryFree;
      await this.#relief.admit(path);
    };
    return { source: this.#ledger.within(source), memoryFree };
  }

  #create(plan: WorkerPlan, source: LoadSource): WorkerUnit {
    const { launch, policy, patience, clock, log } = this.setup;
    const loaded = (models: LoadResult): void => reducedNotices(models).forEach((notice) => this.#noticeEmitter.fire(notice));
    const options = { ...this.#admitted(plan.load.model.path, source), launch, policy, patience, clock, log: log.child(plan.roles.join('+')), loaded };
    const unit = new WorkerUnit(plan, options, this.#options?.unloadAfterMs ?? 0);
    unit.onChange(() => {
      this.#relief.reconsider();
      this.#route.reconsider();
      this.#fireStatus();
    });
    return unit;
  }

  /** A worker that serves completion too stays. */
  #freeLocalChat(): void {
    const unit = this.#unit('chat');
    if (unit === undefined || unit.plan.roles.length > 1) return;
    this.#memoryFree = Promise.all([this.#memoryFree, unit.unload()]).then(() => undefined);
  }

  #retire(unit: WorkerUnit): Promise<void> {
    this.#retiring.add(unit);
    const gone = unit.retire().finally(() => this.#retiring.delete(unit));
    this.#memoryFree = Promise.all([this.#memoryFree, gone]).then(() => undefined);
    return gone;
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
    const lane = this.#route.lane(role) ?? this.#unit(role)?.lane(role);
    if (lane !== undefined) return lane.state;
    return { state: this.#options === null ? 'unloaded' : 'off' };
  }

  #fireStatus(): void {
    this.#statusEmitter.fire(this.status);
  }
}
