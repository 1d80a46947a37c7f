import { linkSignals } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import type { LeaseParams, LeaseResult, PeerFacts, PeerPurpose } from '../../../protocol/peerMessages.js';
import type { Address, Link, Traffic } from '../../../protocol/podTypes.js';
import { bestLink, mostTelling } from '../../core/state/linkChoice.js';
import { dialPeer } from './dialPeer.js';
import type { Identity } from '../identity/identity.js';
import { type LayerTunnel, openLayerTunnel } from '../tunnel/layerTunnel.js';
import { measureLink } from './linkProbe.js';
import type { PeerConnection } from './peerConnection.js';
import { PeerSession } from './peerSession.js';

/** From the first address that answers on, the others get this long, in milliseconds. */
const othersMs = 500;

export interface RemoteMachineOptions {
  readonly fingerprint: string;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly log: Logger;
  name(): string;
  /** About this machine, as of now. */
  facts(): PeerFacts;
  /** The control connection has ended, or nothing was heard for too long. */
  onLost(reason: string): void;
  /** The other machine has ended the lease. */
  onRevoked(reason: string): void;
  /** The tunnel broke; the connection may stand. */
  onTunnelBroke(reason: string): void;
}

/** A way to the machine that answers. */
interface Way {
  readonly address: Address;
  readonly session: PeerSession;
}

/** What this machine, as a coordinator, has open to another: the control connection, and a lease with its tunnel. Each is got and given up by one call. */
export class RemoteMachine implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  /** The best first, once that is known. */
  #ways: readonly Way[] = [];
  #lease: LeaseResult | null = null;
  #tunnel: LayerTunnel | null = null;

  constructor(private readonly options: RemoteMachineOptions) {
    this.#store.add(toDisposable(() => this.disconnect()));
    this.#store.add(toDisposable(() => this.closeTunnel()));
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  /** `127.0.0.1:port` of the open tunnel. */
  get endpoint(): string | null {
    return this.#tunnel?.endpoint ?? null;
  }

  get traffic(): Traffic | null {
    return this.#tunnel?.traffic ?? null;
  }

  /** Connects at all addresses at once. @throws EngineError `machineUnreachable`, `keyChanged`, `notPaired`, `cancelled` */
  async connect(addresses: readonly Address[]): Promise<void> {
    this.disconnect();
    if (addresses.length === 0) throw new EngineError({ code: 'machineUnreachable', machine: this.options.name(), reason: 'no address of it is known' });
    const failures: Failure[] = [];
    const connections = await this.#dialAll(addresses, failures);
    if (connections.length === 0) throw new EngineError(mostTelling(failures));
    this.#ways = connections.map(({ address, connection }) => ({ address, session: this.#open(connection) }));
    if (this.#store.disposed) this.disconnect();
  }

  /** Greets and hears what the machine is and offers now. @throws EngineError `connectionLost`, `cancelled` */
  greet(): Promise<PeerFacts> {
    return this.#session().hello(this.#ended.signal);
  }

  /** Measures every way, one after another so that they do not share a wire, and keeps the best. @throws EngineError */
  async measure(): Promise<Link> {
    const links: Link[] = [];
    const failures: Failure[] = [];
    for (const { address, session } of this.#ways) {
      try {
        const connect = (signal: AbortSignal): Promise<PeerConnection> => this.#dial(address, 'link', signal);
        links.push({ address, ...(await measureLink(connect, (signal) => session.ping(signal), this.#ended.signal)) });
      } catch (error) {
        failures.push(failureOf(error));
        this.options.log.debug(`${this.options.name()} at ${address.host}: ${JSON.stringify(failures.at(-1))}`);
      }
    }
    const best = bestLink(links);
    if (best === null) throw new EngineError(failures.length === 0 ? { code: 'connectionLost' } : mostTelling(failures));
    const [chosen, others] = [this.#ways.filter(({ address }) => address === best.address), this.#ways.filter(({ address }) => address !== best.address)];
    this.#ways = chosen;
    for (const { session } of others) session.dispose();
    return best;
  }

  /** @throws EngineError `leaseHeld`, `leaseRefused`, `differentBuild`, `connectionLost`, `cancelled` */
  async lease(params: LeaseParams): Promise<void> {
    const session = this.#session();
    const lease = await session.lease(params, this.#ended.signal);
    if (lease.bytes < params.bytes) {
      await session.release(lease.id);
      throw new EngineError({ code: 'leaseRefused', machine: this.options.name(), reason: 'noMemory' });
    }
    this.#lease = lease;
  }

  /** A new connection for a part of a file, at the address that serves best. @throws EngineError `connectionLost` where there is none, `machineUnreachable`, `keyChanged`, `notPaired`, `cancelled` */
  async openFile(signal: AbortSignal): Promise<PeerConnection> {
    const way = this.#ways[0];
    if (way === undefined) throw new EngineError({ code: 'connectionLost' });
    return this.#dial(way.address, 'file', signal);
  }

  /** @throws EngineError `connectionLost` without a lease */
  async openTunnel(): Promise<void> {
    const [lease, way] = [this.#lease, this.#ways[0]];
    if (lease === null || way === undefined) throw new EngineError({ code: 'connectionLost' });
    const { clock, log, onTunnelBroke } = this.options;
    this.#tunnel = await openLayerTunnel({
      connect: (signal) => this.#dial(way.address, 'layers', signal),
      token: lease.token,
      maxBytes: lease.bytes,
      onLost: (reason) => onTunnelBroke(reason),
      clock,
      log,
    });
    if (this.#store.disposed) this.closeTunnel();
  }

  /** What the machine's device is said to have; so llama.cpp splits. */
  setMemory(memory: { readonly free: number; readonly total: number }): void {
    this.#tunnel?.setMemory(memory);
  }

  closeTunnel(): void {
    this.#tunnel?.dispose();
    this.#tunnel = null;
  }

  /** Gives the lease back; the end of the connection would say the same. */
  async release(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    if (lease !== null) await this.#ways[0]?.session.release(lease.id);
  }

  disconnect(): void {
    this.#lease = null;
    const ways = this.#ways;
    this.#ways = [];
    for (const { session } of ways) session.dispose();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #session(): PeerSession {
    const way = this.#ways[0];
    if (way === undefined) throw new EngineError({ code: 'connectionLost' });
    return way.session;
  }

  #open(connection: PeerConnection): PeerSession {
    const { clock, log, facts, onLost, onRevoked } = this.options;
    const session: PeerSession = new PeerSession({
      connection,
      clock,
      log,
      facts,
      onLeaseEnded: (id, reason) => {
        if (this.#lease?.id === id) onRevoked(reason);
      },
      onLost: (reason) => {
        this.#ways = this.#ways.filter((way) => way.session !== session);
        if (this.#ways.length > 0 && this.#lease === null) return;
        this.disconnect();
        onLost(reason);
      },
    });
    return session;
  }

  async #dialAll(addresses: readonly Address[], failures: Failure[]): Promise<{ readonly address: Address; readonly connection: PeerConnection }[]> {
    const limit = linkSignals(this.#ended.signal);
    const timers = new DisposableStore();
    try {
      const dialled = await Promise.all(
        addresses.map(async (address) => {
          try {
            const connection = await this.#dial(address, 'control', limit.signal);
            timers.add(this.options.clock.setTimeout(() => limit.abort(), othersMs));
            return { address, connection };
          } catch (error) {
            failures.push(failureOf(error));
            return null;
          }
        }),
      );
      return dialled.filter((one) => one !== null);
    } finally {
      timers.dispose();
      limit.dispose();
    }
  }

  #dial(address: Address, purpose: Exclude<PeerPurpose, 'pair'>, signal: AbortSignal): Promise<PeerConnection> {
    const { identity, fingerprint, name } = this.options;
    return dialPeer({ address, purpose, identity, expected: fingerprint, signal, machine: name() });
  }
}
