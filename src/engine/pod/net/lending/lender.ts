import { throwIfAborted } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore } from '../../../base/disposable.js';
import { EngineError, failureOf } from '../../../base/errors.js';
import { Emitter, type Event } from '../../../base/event.js';
import type { Logger } from '../../../base/logger.js';
import type { LeaseParams, LeaseResult, PeerFacts } from '../../../protocol/peerMessages.js';
import type { Build, ShareOptions } from '../../../protocol/podTypes.js';
import { buildLabel } from '../../core/buildLabel.js';
import { grantableBytes, lendableBytes, lentDevice, type LendingFacts, mayBorrow, type Offer, offerTo } from '../../core/lending/lending.js';
import { ControlSession } from './controlSession.js';
import type { LayerServers } from './layerServerProcess.js';
import { Lease } from './lease.js';
import { serveLinkProbe } from '../peers/linkProbe.js';
import type { PeerConnection } from '../peers/peerConnection.js';
import { WeightCache } from './weightCache.js';

/** A coordinator has one, and another while it does not know yet that the first is gone. */
const mostSessions = 64;
const mostProbes = 4;
/** The layer server chooses, as when the speed was measured that the coordinator plans with. */
const threads = 0;

export interface LenderOptions {
  readonly servers: LayerServers;
  /** Where lent weights are kept. */
  readonly cacheDirectory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** About this machine, as of now. */
  facts(): Omit<PeerFacts, 'offer'>;
  /** Looks what the devices have free now, for `facts`. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Main memory that programs can take now, in bytes. */
  freeMemory(): number;
  /** What a paired machine is called. */
  nameOf(fingerprint: string): string;
}

export interface LenderState {
  /** Bytes that would be lent. */
  readonly lendableBytes: number;
  /** ggml's name of what is lent, `''` when nothing is. */
  readonly device: string;
  readonly borrower: { readonly fingerprint: string; readonly name: string; readonly usedBytes: number } | null;
}

/** Who uses the device, from the request on. */
interface Holding {
  readonly session: ControlSession;
  readonly stop: AbortController;
  /** `null` while the layer server starts. */
  lease: Lease | null;
}

/** Lends this machine's device to one paired machine at a time. It takes over the connections that others open; it opens none itself. */
export class Lender implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #sessions = new Set<ControlSession>();
  readonly #cache: WeightCache;
  #probes = 0;
  #options: ShareOptions | null = null;
  #holding: Holding | null = null;
  /** Settles when the layer server of the last lease is gone: until then its memory is taken. */
  #freed: Promise<void> = Promise.resolve();

  readonly onChange: Event<void> = this.#changed.event;

  constructor(private readonly options: LenderOptions) {
    this.#cache = new WeightCache(options.cacheDirectory, options.log);
  }

  get state(): LenderState {
    const facts = this.#facts();
    const holding = this.#holding;
    const fingerprint = holding?.session.fingerprint ?? '';
    return {
      lendableBytes: lendableBytes(facts),
      device: lentDevice(facts)?.name ?? '',
      borrower: holding === null ? null : { fingerprint, name: this.options.nameOf(fingerprint), usedBytes: holding.lease?.usedBytes ?? 0 },
    };
  }

  /** From now on, lends under these conditions, or not at all. A lease that they do not allow ends. */
  share(options: ShareOptions | null): void {
    const before = lentDevice(this.#facts());
    this.#options = options;
    const holding = this.#holding;
    if (holding !== null) {
      const facts = this.#facts();
      if (options === null) this.#end(holding, 'sharing was stopped');
      else if (!mayBorrow(options, this.#borrower(holding.session.fingerprint))) this.#end(holding, 'this machine may no longer be used');
      else if (lentDevice(facts)?.name !== before?.name) this.#end(holding, 'another device is lent');
      else if (options.memoryLimit > 0 && (holding.lease?.grant.bytes ?? 0) > options.memoryLimit) this.#end(holding, 'less memory is lent');
    }
    this.#changed.fire();
  }

  /** Whether a paired machine may use this one now. */
  allows(fingerprint: string): boolean {
    return this.#options !== null && mayBorrow(this.#options, this.#borrower(fingerprint));
  }

  /** Takes over a `control` connection of a paired machine. */
  acceptControl(connection: PeerConnection): void {
    if (this.#store.disposed || this.#sessions.size >= mostSessions) {
      connection.socket.destroySoon();
      return;
    }
    const { fingerprint } = connection;
    const session: ControlSession = new ControlSession({
      connection,
      clock: this.options.clock,
      log: this.options.log,
      hello: () => ({ ...this.options.facts(), offer: this.#offer(fingerprint) }),
      lease: (params, signal) => this.#lease(session, params, signal),
      release: async (id) => {
        if (this.#holding?.lease?.id !== id) return;
        this.#endOf(session, null);
        // What is offered next is true only then.
        await this.#freed;
      },
      onClosed: () => {
        this.#sessions.delete(session);
        this.#endOf(session, null);
      },
    });
    this.#sessions.add(session);
  }

  /** Takes over a `layers` connection; only that of the present borrower gets anywhere. */
  acceptLayers(connection: PeerConnection): void {
    const holding = this.#holding;
    if (holding?.session.fingerprint === connection.fingerprint && holding.lease !== null) {
      holding.lease.accept(connection);
      return;
    }
    this.options.log.info('connection for layers closed: its machine has no lease');
    connection.socket.destroySoon();
  }

  /** Takes over a `link` connection. */
  acceptLink(connection: PeerConnection): void {
    if (this.#probes >= mostProbes) {
      connection.socket.destroySoon();
      return;
    }
    this.#probes++;
    connection.socket.once('close', () => this.#probes--);
    serveLinkProbe(connection);
  }

  /** Ends everything with a machine at once: it is no longer paired. */
  cut(fingerprint: string): void {
    for (const session of Array.from(this.#sessions)) {
      if (session.fingerprint !== fingerprint) continue;
      this.#endOf(session, 'this machine is no longer paired');
      session.dispose();
    }
  }

  dispose(): void {
    if (this.#holding !== null) this.#end(this.#holding, 'this machine ends');
    for (const session of Array.from(this.#sessions)) session.dispose();
    this.#store.dispose();
  }

  async #lease(session: ControlSession, params: LeaseParams, signal: AbortSignal): Promise<LeaseResult> {
    const facts = this.options.facts();
    const offer = this.#offer(session.fingerprint);
    if (offer.kind === 'refused') throw new EngineError({ code: 'leaseRefused', machine: facts.name, reason: offer.reason });
    const [ours, theirs] = [buildName(params.build), buildName(facts.build)];
    if (ours !== theirs) throw new EngineError({ code: 'differentBuild', machine: facts.name, ours, theirs });
    if (offer.kind === 'held') throw new EngineError({ code: 'leaseHeld', machine: facts.name, holder: offer.holder });

    const earlier = this.#holding;
    const holding: Holding = { session, stop: new AbortController(), lease: null };
    this.#holding = holding;
    if (earlier !== null) this.#stop(earlier);
    const onAbort = (): void => this.#end(holding, null);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#changed.fire();
      const starting = this.#startAfter(this.#freed, holding, offer.device, params.bytes);
      this.#freed = whenGone(starting);
      const lease = await starting;
      throwIfAborted(holding.stop.signal);
      this.options.log.info(`lease of ${offer.device} granted: ${params.bytes} bytes`);
      return lease.grant;
    } catch (error) {
      this.#end(holding, null);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** What an earlier lease used counts as free once its layer server is gone. */
  async #startAfter(freed: Promise<void>, holding: Holding, device: string, bytes: number): Promise<Lease> {
    await freed;
    const { signal } = holding.stop;
    // A GPU may have got other work since it was looked at, and a lease that it cannot hold fails in the middle of a load.
    await this.options.refresh(signal).catch((error: unknown) => this.options.log.debug(`what is free is not known anew: ${failureOf(error).code}`));
    throwIfAborted(signal);
    if (bytes > grantableBytes(this.#facts())) throw new EngineError({ code: 'leaseRefused', machine: this.options.facts().name, reason: 'noMemory' });
    return this.#start(holding, device, bytes);
  }

  async #start(holding: Holding, device: string, bytes: number): Promise<Lease> {
    const { servers, clock, log } = this.options;
    const { session, stop } = holding;
    const weights = await this.#cache.open(session.fingerprint, this.#options?.cacheLimit ?? 0);
    try {
      const server = await servers.serve({ device, threads, cacheDirectory: weights?.directory ?? null }, stop.signal);
      const lease = new Lease({ bytes, server, weights, clock, log, onHeard: () => session.heard(), onChange: () => this.#changed.fire() });
      holding.lease = lease;
      if (stop.signal.aborted) lease.dispose();
      void this.#endWith(holding, server.exited);
      this.#changed.fire();
      return lease;
    } catch (error) {
      await weights?.close();
      throw error;
    }
  }

  async #endWith(holding: Holding, exited: Promise<string>): Promise<void> {
    this.#end(holding, `the layer server ended: ${await exited}`);
  }

  #endOf(session: ControlSession, reason: string | null): void {
    if (this.#holding?.session === session) this.#end(this.#holding, reason);
  }

  /** Frees the device; the coordinator is told the reason unless the end was its own doing. */
  #end(holding: Holding, reason: string | null): void {
    if (this.#holding !== holding) return;
    this.#holding = null;
    if (reason !== null && holding.lease !== null) holding.session.leaseEnded(holding.lease.id, reason);
    this.#stop(holding);
    this.options.log.info(`lease ended: ${reason ?? 'its borrower has left'}`);
    this.#changed.fire();
  }

  #stop(holding: Holding): void {
    holding.stop.abort();
    holding.lease?.dispose();
  }

  #facts(): LendingFacts {
    const { devices, build } = this.options.facts();
    return { options: this.#options, library: build !== null, devices, freeMemory: this.options.freeMemory() };
  }

  #borrower(fingerprint: string): { fingerprint: string; name: string } {
    return { fingerprint, name: this.options.nameOf(fingerprint) };
  }

  #offer(fingerprint: string): Offer {
    const holder = this.#holding?.session.fingerprint;
    return offerTo(this.#borrower(fingerprint), this.#facts(), holder === undefined || holder === fingerprint ? null : this.options.nameOf(holder));
  }
}

async function whenGone(starting: Promise<Lease>): Promise<void> {
  try {
    await (await starting).gone;
  } catch {
    // It did not come about.
  }
}

function buildName(build: Build | null): string {
  return build === null ? '' : buildLabel(build);
}
