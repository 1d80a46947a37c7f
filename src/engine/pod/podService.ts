import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError, type Failure } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { StatusFeed } from '../base/statusFeed.js';
import type { Predictor } from '../models/predictor.js';
import type { RoleOptions } from '../protocol/engineTypes.js';
import type { Address, DoctorFinding, PlanPreview, PodRun, PodStatus, ShareOptions } from '../protocol/podTypes.js';
import { addressFirst } from './core/state/addresses.js';
import { decidePlan } from './core/state/decidePlan.js';
import type { PodEvent } from './core/state/podEvent.js';
import { isOnItsWay } from './core/state/onItsWay.js';
import { planPreview } from './core/state/planPreview.js';
import { podWanted, type PodState } from './core/state/podState.js';
import { machineViews, runView } from './core/state/podStatusView.js';
import { Discovery } from './net/discovery/discovery.js';
import type { SharedFiles } from './net/files/fileLender.js';
import type { LayerServers } from './net/lending/layerServerProcess.js';
import { readWish } from './modelWish.js';
import { ownDevices } from './ownDevices.js';
import { OwnMachine } from './ownMachine.js';
import { openPod, type OpenedPod, openTrust } from './openPod.js';
import type { PodApi } from './podApi.js';
import { examinePod } from './podDoctor.js';
import { PodFiles } from './podFiles.js';
import { PodGlance } from './podGlance.js';
import { type Effect, PodLoop } from './podLoop.js';
import { mayUseGpu, PodPlacement } from './podPlacement.js';
import { PodPredictor } from './predictModel.js';
import { ReturnWatch } from './returnWatch.js';

export interface PodServiceOptions {
  /** Holds the identity, the paired machines and the lent weights. */
  readonly directory: string;
  readonly version: string;
  readonly servers: LayerServers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Main memory in bytes: what programs can take now, and all of it. */
  freeMemory(): number;
  totalMemory(): number;
  /** What paired machines may have while this one shares. */
  readonly sharedFiles: SharedFiles;
}

/**
 * The pod of this machine: events in, one step after the other out. Nothing is read, opened or measured before somebody watches,
 * shares or uses a model on the pod.
 */
export class PodService implements PodApi, Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  readonly #own: OwnMachine;
  readonly #discovery: Discovery;
  readonly #loop: PodLoop;
  readonly #status: StatusFeed<PodStatus>;
  readonly #return = new ReturnWatch();
  readonly #glance: PodGlance;
  /** The model on the pod, as the runtime sees it. */
  readonly placement: PodPlacement;
  /** How fast models would be, here and on the pod. */
  readonly predictor: Predictor;
  /** Model files of the paired machines. */
  readonly files: PodFiles;
  #opening: Promise<OpenedPod> | null = null;
  #opened: OpenedPod | null = null;
  #measured: number | null = null;

  constructor(private readonly options: PodServiceOptions) {
    const { clock, log, directory, servers } = options;
    this.#own = this.#store.add(new OwnMachine({ servers, directory, log: log.child('self') }));
    this.#discovery = new Discovery({ clock, log: log.child('discovery') });
    this.#status = this.#store.add(new StatusFeed(clock, () => this.status));
    this.#loop = this.#store.add(new PodLoop({ clock, perform: (step) => this.#perform(step), settled: (state) => this.#settled(state) }));
    this.placement = this.#store.add(
      new PodPlacement({
        log,
        ready: async (signal) => {
          await this.#open();
          // A model that has just left a GPU has freed its memory.
          await this.#own.refresh(signal);
        },
        readWish: (load) => readWish(load, this.#ended.signal),
        happened: (event) => this.#loop.happened(event),
        state: () => this.#loop.state,
        tunnels: {
          endpoints: (plan) => this.#opened?.machines.endpoints(plan) ?? [],
          setMemory: (plan, freeBytes) => this.#opened?.machines.setMemory(plan, freeBytes),
        },
        onChange: () => this.#status.ask(),
      }),
    );
    this.#glance = this.#store.add(new PodGlance({ clock, watch: () => this.watch(() => undefined), joining: () => this.#joining() }));
    this.predictor = new PodPredictor({
      look: () => this.#own.look(),
      measured: () => this.#own.measured(),
      devices: () => this.#own.devices,
      totalMemory: () => this.options.totalMemory(),
      freeMemory: () => this.options.freeMemory(),
      pod: (signal) => this.#glanced(signal),
    });
    this.files = this.#store.add(
      new PodFiles({
        anyPaired: () => this.#anyPaired(),
        keepInTouch: () => this.watch(() => undefined),
        state: () => this.#loop.state,
        open: async (fingerprint, signal) => (await this.#open()).machines.openFile(fingerprint, signal),
        clock,
        log: log.child('files'),
      }),
    );
    this.#store.add(this.#own.onChange(() => this.#status.ask()));
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  get status(): PodStatus {
    const { state } = this.#loop;
    const opened = this.#opened;
    const name = opened?.name.value ?? '';
    return {
      self: { fingerprint: opened?.identity.fingerprint ?? null, name, build: this.#own.build, devices: [...this.#own.devices] },
      problem: this.#own.problem ?? opened?.trust.problem ?? null,
      sharing: opened?.sharing.state ?? { state: 'off' },
      machines: machineViews(state, opened?.machines.traffic ?? new Map(), name),
      pairings: opened?.pairings.list ?? [],
      run: this.#run(state, name),
    };
  }

  get lending(): boolean {
    return (this.#opened?.lender.state.borrower ?? null) !== null;
  }

  async watch(hear: (status: PodStatus) => void): Promise<Disposable> {
    await this.#open();
    const watching = this.#status.add(hear);
    this.#watched();
    return toDisposable(() => {
      watching.dispose();
      this.#watched();
    });
  }

  async share(options: ShareOptions | null): Promise<void> {
    if (options === null && this.#opened === null) return;
    const { sharing } = await this.#open();
    // What others plan with; measured at the first time only.
    if (options !== null) await this.#own.measured();
    await sharing.share(options);
  }

  async rename(name: string): Promise<void> {
    const opened = await this.#open();
    await opened.name.set(name);
    opened.sharing.announce();
    this.#status.ask();
  }

  async add(address: Address, signal: AbortSignal): Promise<string> {
    const { pairings } = await this.#open();
    const { fingerprint, name } = await pairings.nameAt(address, signal);
    const known = this.#loop.state.machines.get(fingerprint)?.addresses ?? [];
    this.#loop.happened({ kind: 'seen', machine: fingerprint, name, addresses: addressFirst(address, known) });
    return fingerprint;
  }

  async pair(fingerprint: string, signal: AbortSignal): Promise<void> {
    const { pairings } = await this.#open();
    const machine = this.#loop.state.machines.get(fingerprint);
    if (machine === undefined) throw new EngineError({ code: 'unknownMachine', machine: fingerprint });
    await pairings.ask(machine, signal);
  }

  async confirmPairing(id: string, equal: boolean): Promise<void> {
    (await this.#open()).pairings.confirm(id, equal);
  }

  async unpair(fingerprint: string): Promise<void> {
    const { trust } = await this.#open();
    await trust.remove(fingerprint);
  }

  async plan({ model, contextSize, slots }: RoleOptions, signal: AbortSignal): Promise<PlanPreview> {
    const { name } = await this.#open();
    await this.#own.measured();
    // What is free has changed since the last plan.
    this.#probed(mayUseGpu(model));
    const wish = await readWish({ model, completion: null, chat: { contextSize, slots }, remote: null }, signal);
    return planPreview(this.#loop.state, wish, name.value);
  }

  async doctor(signal: AbortSignal): Promise<DoctorFinding[]> {
    const watching = await this.watch(() => undefined);
    try {
      await this.#own.look();
      // So that their builds and clocks can be compared.
      await this.#glance.look(signal);
      const { sharing } = await this.#open();
      const { build, problem } = this.#own;
      const { clock, log } = this.options;
      return await examinePod({ build, problem, sharing: sharing.state, machines: this.#loop.state.machines.values(), time: Date.now(), clock, log, signal });
    } finally {
      watching.dispose();
    }
  }

  /** Tokens per second of the model on the pod, as the runtime has counted them. */
  measured(tokensPerSecond: number): void {
    this.#measured = tokensPerSecond;
    this.#status.ask();
  }

  /** Says goodbye to the network; after `dispose`. */
  async farewell(): Promise<void> {
    await this.#discovery.dispose();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #open(): Promise<OpenedPod> {
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openAll(): Promise<OpenedPod> {
    const { directory, version, servers, clock, log, freeMemory, sharedFiles } = this.options;
    const happened = (event: PodEvent): void => this.#loop.happened(event);
    const opened = await openPod({ directory, version, servers, own: this.#own, discovery: this.#discovery, clock, log, freeMemory, sharedFiles, happened }, this.#store);
    this.#opened = opened;
    const { identity, pairings, sharing, trust } = opened;
    for (const source of [pairings, sharing]) this.#store.add(source.onChange(() => this.#status.ask()));
    this.#store.add(this.#discovery.onSeen(({ fingerprint, name, addresses }) => fingerprint !== identity.fingerprint && happened({ kind: 'seen', machine: fingerprint, name, addresses })));
    this.#store.add(this.#discovery.onGone((fingerprint) => happened({ kind: 'gone', machine: fingerprint })));
    this.#store.add(trust.onChange(() => this.#trustChanged(opened)));
    this.#trustChanged(opened);
    return opened;
  }

  /** Whether something is on the way: what this machine and the paired ones have, and how fast the link to those that lend is. */
  #joining(): boolean {
    const { state } = this.#loop;
    if (state.self === null && state.problem === null) return true;
    return [...state.machines.values()].some((machine) => isOnItsWay(state, machine));
  }

  /** Who has never paired a machine is not made part of any network by a prediction or a download. */
  async #anyPaired(): Promise<boolean> {
    const trust = this.#opened?.trust ?? (await openTrust(this.options.directory));
    return trust.list().length > 0;
  }

  /** The pod for a prediction. */
  async #glanced(signal: AbortSignal): Promise<PodState | null> {
    if (!(await this.#anyPaired())) return null;
    await this.#glance.look(signal);
    return this.#loop.state;
  }

  /** Tells the state who is paired now, and cuts off who is no longer. */
  #trustChanged({ trust, sharing, machines }: OpenedPod): void {
    for (const { fingerprint, name, addresses } of trust.list()) {
      if (this.#loop.state.machines.get(fingerprint)?.paired !== true) this.#loop.happened({ kind: 'paired', machine: fingerprint, name, addresses });
    }
    for (const { fingerprint, paired } of this.#loop.state.machines.values()) {
      if (!paired || trust.has(fingerprint)) continue;
      // A worker with layers there is killed first: ggml would end it with a core dump.
      this.#loop.happened({ kind: 'unpaired', machine: fingerprint });
      machines.cut(fingerprint);
      sharing.cut(fingerprint);
    }
    this.#status.ask();
  }

  #watched(): void {
    const on = this.#status.watched || this.#loop.state.fallback !== null;
    if (on !== this.#loop.state.watching) this.#loop.happened({ kind: 'watched', on });
  }

  #perform(step: Effect): void {
    const { state } = this.#loop;
    switch (step.kind) {
      case 'probe':
        void this.#probe();
        return;
      case 'plan':
        this.#probed();
        this.#loop.happened(decidePlan(this.#loop.state));
        return;
      case 'load':
      case 'fallBack':
      case 'drain':
      case 'stopWorker':
        this.placement.perform(step, state);
        return;
      default:
        this.#opened?.machines.perform(step.kind, step.machine, state);
    }
  }

  async #probe(): Promise<void> {
    await this.#own.measured();
    if (this.#store.disposed) return;
    const { problem } = this.#own;
    if (problem !== null) this.#loop.happened({ kind: 'probeFailed', failure: problem });
    else this.#probed();
  }

  /** What this machine could hold at this moment. */
  #probed(useGpu = this.placement.usesGpu): void {
    const { build, devices } = this.#own;
    if (build !== null) this.#loop.happened({ kind: 'probed', build, machines: ownDevices(devices, this.options.freeMemory(), useGpu) });
  }

  #settled(state: PodState): void {
    this.placement.follow(state);
    this.#discovery.browse(podWanted(state));
    if (state.current === null) this.#measured = null;
    if (this.#return.mayReturn(state)) this.placement.retry();
    this.#watched();
    this.#status.follow(state.current !== null);
    this.#status.ask();
  }

  #run(state: PodState, name: string): PodRun {
    const { path: file, unreadable, progress } = this.placement;
    if (file === null) return { state: 'off' };
    const failure: Failure | null = unreadable ?? (state.wish === null ? state.fallback : null);
    if (failure !== null) return { state: 'fallback', path: file, failure };
    return state.wish === null ? { state: 'idle', path: file } : runView(state, { progress, measured: this.#measured }, name);
  }
}
