import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import type { Role } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import { RoleLane } from './roleLane.js';
import type { WorkerPlan } from './workerPlan.js';
import { type SupervisorOptions, WorkerSupervisor } from './workerSupervisor.js';

/** One worker with the lanes of the roles it serves. Unloads itself when it has been idle for long enough. */
export class WorkerUnit implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly supervisor: WorkerSupervisor;
  readonly #lanes: ReadonlyMap<Role, RoleLane>;
  readonly #clock: Clock;
  #idleTimer: Disposable | null = null;
  #idleSince: number | null = null;
  #unloadAfterMs: number;
  #retired: (() => void) | null = null;

  constructor(
    readonly plan: WorkerPlan,
    options: SupervisorOptions,
    unloadAfterMs: number,
  ) {
    this.#clock = options.clock;
    this.#unloadAfterMs = unloadAfterMs;
    this.supervisor = this.#store.add(new WorkerSupervisor(options));
    this.#store.add(toDisposable(() => this.#idleTimer?.dispose()));
    const changed = (): void => this.#onLaneChange();
    this.#lanes = new Map(plan.roles.map((role) => [role, new RoleLane(role, plan.load[role]?.slots ?? 1, this.supervisor, options.clock, changed)]));
    this.#store.add(this.supervisor.onChange(changed));
  }

  readonly onChange: Event<void> = this.#changed.event;

  lane(role: Role): RoleLane | undefined {
    return this.#lanes.get(role);
  }

  /** Whether any request is open. */
  get busy(): boolean {
    return this.#open() > 0;
  }

  /** When the last request ended, or the load if there was none, by the clock; `null` while one is open or nothing is loaded. */
  get idleSince(): number | null {
    return this.#idleSince;
  }

  /** The model in memory; `null` without one. */
  get modelName(): string | null {
    const { state } = this.supervisor;
    return state.kind === 'ready' ? (state.models.chat ?? state.models.completion)?.name ?? null : null;
  }

  set unloadAfterMs(value: number) {
    this.#unloadAfterMs = value;
    this.#watchIdle();
  }

  /** Ends the process and frees its memory; the open requests of all its roles end with `cancelled`. */
  async unload(): Promise<void> {
    for (const lane of this.#lanes.values()) lane.cancelAll();
    await this.supervisor.stop();
  }

  /** Lets the open requests end, then ends the process. Nothing new may be sent to a retired unit. */
  async retire(): Promise<void> {
    if (this.#open() > 0) await new Promise<void>((resolve) => (this.#retired = resolve));
    await this.supervisor.stop();
    this.dispose();
  }

  dispose(): void {
    for (const lane of this.#lanes.values()) lane.cancelAll();
    this.#store.dispose();
    this.#retired?.();
  }

  #open(): number {
    let open = 0;
    for (const lane of this.#lanes.values()) open += lane.open;
    return open;
  }

  #onLaneChange(): void {
    this.#idleSince = this.busy || this.supervisor.state.kind !== 'ready' ? null : (this.#idleSince ?? this.#clock.now());
    this.#watchIdle();
    if (this.#open() === 0) this.#retired?.();
    this.#changed.fire();
  }

  #watchIdle(): void {
    this.#idleTimer?.dispose();
    this.#idleTimer = null;
    if (this.#store.disposed || this.#unloadAfterMs === 0 || this.#open() > 0 || this.supervisor.state.kind !== 'ready') return;
    this.#idleTimer = this.#clock.setTimeout(() => void this.supervisor.stop(), this.#unloadAfterMs);
  }
}
