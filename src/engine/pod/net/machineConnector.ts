import { delay, linkSignals } from '../../base/async.js';
import type { Clock } from '../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { PeerFacts } from '../../protocol/peerMessages.js';
import type { Address, Link } from '../../protocol/podTypes.js';
import { bestLink, mostTelling } from '../core/linkChoice.js';
import { dialPeer } from './dialPeer.js';
import type { Identity } from './identity.js';
import { measureLink } from './linkProbe.js';
import type { PeerConnection } from './peerConnection.js';
import { PeerSession } from './peerSession.js';

/** How often the facts of a connected machine are asked for anew, in milliseconds. */
const refreshMs = 2_000;
/** The wait after an attempt that failed; a sighting ends it. */
const firstRetryMs = 1_000;
const longestRetryMs = 10_000;
/** From the first address that answers on, the others get this long. */
const othersMs = 750;

export interface MachineConnectorOptions {
  readonly fingerprint: string;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly log: Logger;
  name(): string;
  /** Where it may be, all of them, as of now. */
  addresses(): readonly Address[];
  /** About this machine. */
  facts(): PeerFacts;
  onChange(): void;
  onLost(reason: string): void;
  onLeaseEnded(id: string, reason: string): void;
}

/** A connection that is up and measured. */
export interface ConnectedMachine {
  readonly session: PeerSession;
  readonly link: Link;
  /** As of the last greeting. */
  readonly facts: PeerFacts;
}

interface Attempt {
  readonly session: PeerSession;
  readonly link: Link;
}

/**
 * Keeps a paired machine connected: tries all its addresses at once, measures those that answer, keeps the best, asks for its facts
 * again and again, and begins anew when it is lost.
 */
export class MachineConnector implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  #connected: ConnectedMachine | null = null;
  #connecting = false;
  #problem: Failure | null = null;
  #wake: (() => void) | null = null;

  constructor(private readonly options: MachineConnectorOptions) {
    this.#store.add(toDisposable(() => this.#connected?.session.dispose()));
    this.#store.add(toDisposable(() => this.#ended.abort()));
    void this.#keep();
  }

  get connected(): ConnectedMachine | null {
    return this.#connected;
  }

  get connecting(): boolean {
    return this.#connecting;
  }

  /** Why the last attempt failed. */
  get problem(): Failure | null {
    return this.#problem;
  }

  /** Something new is known of where it is: tries now rather than later. */
  wake(): void {
    this.#wake?.();
  }

  /** Another connection to it, over the best address. @throws EngineError as `dialPeer` */
  async dial(purpose: 'layers' | 'link', signal: AbortSignal): Promise<PeerConnection> {
    const { name, identity, fingerprint } = this.options;
    if (this.#connected === null) throw new EngineError({ code: 'machineUnreachable', machine: name(), reason: 'it is not connected' });
    return dialPeer({ address: this.#connected.link.address, purpose, identity, expected: fingerprint, signal, machine: name() });
  }

  /** Asks for its facts now. @throws EngineError `connectionLost`, `cancelled` */
  async refresh(signal: AbortSignal): Promise<void> {
    const { session } = this.#connected ?? {};
    if (session === undefined) return;
    const facts = await session.hello(signal);
    if (this.#connected?.session === session) this.#connected = { ...this.#connected, facts };
    this.options.onChange();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #keep(): Promise<void> {
    let retryMs = firstRetryMs;
    while (!this.#store.disposed) {
      try {
        this.#connecting = true;
        this.options.onChange();
        const lost = await this.#connect();
        retryMs = firstRetryMs;
        await this.#stayConnected(lost);
      } catch (error) {
        if (this.#store.disposed) return;
        this.#problem = failureOf(error);
        this.options.log.debug(`${this.options.name()}: ${JSON.stringify(this.#problem)}`);
      } finally {
        this.#connecting = false;
        if (!this.#store.disposed) this.options.onChange();
      }
      await this.#pause(retryMs);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }

  /** Connects; the result is aborted when the connection is lost. */
  async #connect(): Promise<AbortSignal> {
    const lost = new AbortController();
    const attempts = await this.#tryAll((reason, session) => {
      if (this.#connected?.session !== session) return;
      this.#connected = null;
      lost.abort();
      this.options.onLost(reason);
    });
    const best = bestLink(attempts.map(({ link }) => link));
    const chosen = attempts.find(({ link }) => link === best);
    for (const attempt of attempts) if (attempt !== chosen) attempt.session.dispose();
    if (chosen === undefined) throw new EngineError({ code: 'machineUnreachable', machine: this.options.name(), reason: 'no address of it is known' });
    try {
      const facts = await chosen.session.hello(this.#ended.signal);
      this.#connected = { ...chosen, facts };
    } catch (error) {
      chosen.session.dispose();
      throw error;
    }
    this.#problem = null;
    this.options.log.info(`${this.options.name()} is connected at ${chosen.link.address.host}`);
    return lost.signal;
  }

  async #stayConnected(lost: AbortSignal): Promise<void> {
    this.#connecting = false;
    this.options.onChange();
    const ended = linkSignals(lost, this.#ended.signal);
    try {
      for (;;) {
        await delay(refreshMs, ended.signal, this.options.clock);
        await this.refresh(ended.signal);
      }
    } catch {
      // Lost: the session has said so, or does when it has been silent for long enough.
      if (!ended.signal.aborted) this.#connected?.session.dispose();
      if (this.#connected !== null && !this.#ended.signal.aborted) {
        this.#connected = null;
        this.options.onLost('it does not answer');
      }
    } finally {
      ended.dispose();
    }
  }

  /** All addresses at the same time; those that answer soon enough are measured one after another, so that they do not share a wire. */
  async #tryAll(onLost: (reason: string, session: PeerSession) => void): Promise<Attempt[]> {
    const failures: Failure[] = [];
    const answered = await this.#dialAll(failures);
    const attempts: Attempt[] = [];
    for (const { address, connection } of answered) {
      const session: PeerSession = new PeerSession({
        connection,
        clock: this.options.clock,
        log: this.options.log,
        facts: () => this.options.facts(),
        onLeaseEnded: (id, reason) => this.options.onLeaseEnded(id, reason),
        onLost: (reason) => onLost(reason, session),
      });
      attempts.push({ session, link: { address, roundTrip: 0, throughput: 0 } });
    }
    const measured: Attempt[] = [];
    for (const attempt of attempts) {
      try {
        measured.push({ session: attempt.session, link: { address: attempt.link.address, ...(await this.#measure(attempt)) } });
      } catch (error) {
        attempt.session.dispose();
        failures.push(failureOf(error));
      }
    }
    if (measured.length === 0 && failures.length > 0) throw new EngineError(mostTelling(failures));
    return measured;
  }

  async #dialAll(failures: Failure[]): Promise<{ readonly address: Address; readonly connection: PeerConnection }[]> {
    const limit = linkSignals(this.#ended.signal);
    const store = new DisposableStore();
    try {
      const dialled = await Promise.all(
        this.options.addresses().map(async (address) => {
          try {
            const connection = await this.#dialControl(address, limit.signal);
            store.add(this.options.clock.setTimeout(() => limit.abort(), othersMs));
            return { address, connection };
          } catch (error) {
            failures.push(failureOf(error));
            return null;
          }
        }),
      );
      return dialled.filter((one) => one !== null);
    } finally {
      store.dispose();
      limit.dispose();
    }
  }

  #dialControl(address: Address, signal: AbortSignal): Promise<PeerConnection> {
    const { identity, fingerprint, name } = this.options;
    return dialPeer({ address, purpose: 'control', identity, expected: fingerprint, signal, machine: name() });
  }

  #measure({ session, link: { address } }: Attempt): Promise<{ roundTrip: number; throughput: number }> {
    const { identity, fingerprint, name } = this.options;
    const connect = (signal: AbortSignal): Promise<PeerConnection> => dialPeer({ address, purpose: 'link', identity, expected: fingerprint, signal, machine: name() });
    return measureLink(connect, (signal) => session.ping(signal), this.#ended.signal);
  }

  async #pause(ms: number): Promise<void> {
    const pause = linkSignals(this.#ended.signal);
    this.#wake = () => pause.abort();
    await delay(ms, pause.signal, this.options.clock).catch(() => undefined);
    this.#wake = null;
    pause.dispose();
  }
}
