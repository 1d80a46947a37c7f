import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError, type Failure } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { ensurePrivateDirectory } from '../base/privateDirectory.js';
import type { RoleOptions } from '../protocol/engineTypes.js';
import { type PeerFacts, peerProtocolVersion } from '../protocol/peerMessages.js';
import type { Address, DoctorFinding, Link, PlanPreview, PodRun, PodStatus, ShareOptions } from '../protocol/podTypes.js';
import { decidePlan } from './core/decidePlan.js';
import { planPreview } from './core/planPreview.js';
import { podWanted, type PodState } from './core/podState.js';
import { machineViews, runView } from './core/podStatusView.js';
import { Discovery } from './net/discovery.js';
import { type Identity, loadIdentity } from './net/identity.js';
import type { LayerServers } from './net/layerServerProcess.js';
import { Lender } from './net/lender.js';
import { TrustStore } from './net/trustStore.js';
import { examine } from './examine.js';
import { readWish } from './modelWish.js';
import { ownDevices } from './ownDevices.js';
import { OwnMachine } from './ownMachine.js';
import { OwnName } from './ownName.js';
import { Pairings } from './pairings.js';
import type { PodApi } from './podApi.js';
import { type Effect, PodLoop } from './podLoop.js';
import { PodMachines } from './podMachines.js';
import { PodPlacement } from './podPlacement.js';
import { Sharing } from './sharing.js';
import { Throttle } from './throttle.js';

export interface PodServiceOptions {
  /** Holds the identity, the paired machines and the lent weights. */
  readonly directory: string;
  readonly version: string;
  readonly servers: LayerServers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Main memory that programs can take now, in bytes. */
  freeMemory(): number;
}

const statusMs = 250;
/** While a model runs and somebody watches: figures of traffic change without an event. */
const figuresMs = 500;

/** What is there once the pod has been opened. */
interface Opened {
  readonly identity: Identity;
  readonly trust: TrustStore;
  readonly name: OwnName;
  readonly pairings: Pairings;
  readonly lender: Lender;
  readonly sharing: Sharing;
  readonly machines: PodMachines;
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
  readonly #status: Throttle;
  readonly #watchers = new Set<(status: PodStatus) => void>();
  /** The model on the pod, as the runtime sees it. */
  readonly placement: PodPlacement;
  #opening: Promise<Opened> | null = null;
  #opened: Opened | null = null;
  #figures: Disposable | null = null;
  #measured: number | null = null;
  /** Who would lend when the local model took over. */
  #lendersAtFallback: ReadonlySet<string> | null = null;

  constructor(private readonly options: PodServiceOptions) {
    const { clock, log, directory, servers } = options;
    this.#own = this.#store.add(new OwnMachine({ servers, directory, log: log.child('self') }));
    this.#discovery = new Discovery({ clock, log: log.child('discovery') });
    this.#status = this.#store.add(new Throttle(clock, statusMs, () => this.#report()));
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
    this.#store.add(this.#own.onChange(() => this.#status.ask()));
    this.#store.add(toDisposable(() => this.#figures?.dispose()));
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
    this.#watchers.add(hear);
    this.#watched();
    return toDisposable(() => {
      this.#watchers.delete(hear);
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
    this.#loop.happened({ kind: 'seen', machine: fingerprint, name, addresses: [address, ...known.filter(({ host, port }) => host !== address.host || port !== address.port)] });
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
    this.#probed();
    const wish = await readWish({ model, completion: null, chat: { contextSize, slots }, remote: null }, signal);
    return planPreview(this.#loop.state, wish, name.value);
  }

  async doctor(signal: AbortSignal): Promise<DoctorFinding[]> {
    const watching = await this.watch(() => undefined);
    try {
      await this.#own.look();
      const { sharing, machines } = await this.#open();
      const { build, problem } = this.#own;
      const { clock, log } = this.options;
      return await examine({ state: () => this.#loop.state, build, problem, sharing: sharing.state, clockAhead: (fingerprint) => machines.clockAhead(fingerprint), clock, log }, signal);
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

  #open(): Promise<Opened> {
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openAll(): Promise<Opened> {
    const { directory, clock, log, servers } = this.options;
    await ensurePrivateDirectory(directory);
    const [identity, trust, name] = await Promise.all([loadIdentity(directory), TrustStore.open(path.join(directory, 'machines.json')), OwnName.open(directory)]);
    if (this.#store.disposed) throw new EngineError({ code: 'cancelled' });
    const isTrusted = (fingerprint: string): boolean => trust.has(fingerprint);
    const nameOf = (fingerprint: string): string => trust.list().find((machine) => machine.fingerprint === fingerprint)?.name ?? fingerprint.slice(0, 8);
    const facts = (): Omit<PeerFacts, 'offer'> => this.#facts(name.value);
    const pairings = this.#store.add(new Pairings({ identity, trust, clock, log: log.child('pairing'), name: () => name.value }));
    const lender = this.#store.add(new Lender({ servers, cacheDirectory: path.join(directory, 'cache'), clock, log: log.child('lender'), facts, nameOf }));
    const sharing = this.#store.add(
      new Sharing({ identity, lender, door: pairings.door, discovery: this.#discovery, clock, log: log.child('listener'), isTrusted, name: () => name.value }),
    );
    const machines = this.#store.add(
      new PodMachines({
        identity,
        clock,
        log: log.child('machines'),
        // A coordinator offers nothing to those whom it asks.
        facts: () => ({ ...facts(), offer: { kind: 'refused', reason: 'notSharing' } }),
        knownAddresses: (fingerprint) => trust.list().find((machine) => machine.fingerprint === fingerprint)?.addresses ?? [],
        onReached: (fingerprint, link) => this.#remember(trust, fingerprint, link),
        happened: (event) => this.#loop.happened(event),
      }),
    );
    const opened: Opened = { identity, trust, name, pairings, lender, sharing, machines };
    this.#opened = opened;
    for (const source of [pairings, sharing]) this.#store.add(source.onChange(() => this.#status.ask()));
    this.#store.add(this.#discovery.onSeen(({ fingerprint, name, addresses }) => fingerprint !== identity.fingerprint && this.#loop.happened({ kind: 'seen', machine: fingerprint, name, addresses })));
    this.#store.add(this.#discovery.onGone((fingerprint) => this.#loop.happened({ kind: 'gone', machine: fingerprint })));
    this.#store.add(trust.onChange(() => this.#trustChanged(opened)));
    this.#trustChanged(opened);
    return opened;
  }

  /** Tells the state who is paired now, and cuts off who is no longer. */
  #trustChanged({ trust, sharing, machines }: Opened): void {
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

  /** The address that served best is tried first the next time, also when nobody advertises it. */
  #remember(trust: TrustStore, fingerprint: string, { address }: Link): void {
    const machine = trust.list().find((known) => known.fingerprint === fingerprint);
    if (machine === undefined) return;
    const same = (other: Address): boolean => other.host === address.host && other.port === address.port;
    const [first] = machine.addresses;
    if (first !== undefined && same(first)) return;
    const addresses = [address, ...machine.addresses.filter((other) => !same(other))].slice(0, 16);
    trust.put({ ...machine, addresses }).catch((error: unknown) => this.options.log.warn(`where ${machine.name} is could not be kept: ${String(error)}`));
  }

  #facts(name: string): Omit<PeerFacts, 'offer'> {
    return {
      protocolVersion: peerProtocolVersion,
      seekpodVersion: this.options.version,
      name,
      os: `${os.type()} ${os.release()}`.slice(0, 256),
      build: this.#own.build,
      clock: Date.now(),
      devices: [...this.#own.devices],
    };
  }

  #watched(): void {
    const on = this.#watchers.size > 0 || this.#loop.state.fallback !== null;
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
  #probed(): void {
    const { build, devices } = this.#own;
    if (build !== null) this.#loop.happened({ kind: 'probed', build, machines: ownDevices(devices, this.options.freeMemory()) });
  }

  #settled(state: PodState): void {
    this.placement.follow(state);
    this.#discovery.browse(podWanted(state));
    if (state.current === null) this.#measured = null;
    this.#mayReturn(state);
    this.#watched();
    this.#followFigures();
    this.#status.ask();
  }

  /** The local model answers until a machine more than at its start would lend, and the model fits with it. */
  #mayReturn(state: PodState): void {
    const lenders = new Set([...state.machines.values()].filter(({ link, facts }) => link !== null && facts?.offer.kind === 'offered').map(({ fingerprint }) => fingerprint));
    if (state.fallback === null) this.#lendersAtFallback = null;
    else if (this.#lendersAtFallback === null) this.#lendersAtFallback = lenders;
    else {
      const before = this.#lendersAtFallback;
      // Who leaves and comes back is one more.
      this.#lendersAtFallback = new Set([...before].filter((fingerprint) => lenders.has(fingerprint)));
      if ([...lenders].every((fingerprint) => before.has(fingerprint))) return;
      if (decidePlan({ ...state, lost: null }).kind === 'planned') this.placement.retry();
    }
  }

  #run(state: PodState, name: string): PodRun {
    const { path: file, unreadable, progress } = this.placement;
    if (file === null) return { state: 'off' };
    const failure: Failure | null = unreadable ?? (state.wish === null ? state.fallback : null);
    if (failure !== null) return { state: 'fallback', path: file, failure };
    return state.wish === null ? { state: 'idle', path: file } : runView(state, { progress, measured: this.#measured }, name);
  }

  #followFigures(): void {
    const wanted = this.#watchers.size > 0 && this.#loop.state.current !== null;
    if (!wanted || this.#store.disposed) {
      this.#figures?.dispose();
      this.#figures = null;
      return;
    }
    this.#figures ??= this.options.clock.setTimeout(() => {
      this.#figures = null;
      this.#status.ask();
      this.#followFigures();
    }, figuresMs);
  }

  #report(): void {
    if (this.#watchers.size === 0) return;
    const { status } = this;
    for (const hear of this.#watchers) hear(status);
  }
}
