import { raceAbort } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError, failureOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import {
  leaseEndedNotification,
  type LeaseParams,
  leaseRequest,
  type LeaseResult,
  type PeerFacts,
  peerHelloRequest,
  pingRequest,
  releaseRequest,
  silenceMs,
} from '../../../protocol/peerMessages.js';
import { call, listen } from '../../../protocol/wire.js';
import { openPeerChannel, type PeerChannel } from './peerChannel.js';
import type { PeerConnection } from './peerConnection.js';
import { SilenceWatch } from './silenceWatch.js';

export interface PeerSessionOptions {
  /** A `control` connection that the other machine has let in. */
  readonly connection: PeerConnection;
  readonly clock: Clock;
  readonly log: Logger;
  /** About this machine, as of now. */
  facts(): PeerFacts;
  /** The lender has ended a lease. */
  onLeaseEnded(id: string, reason: string): void;
  /** Called once, unless the session is disposed before: the connection has ended, or nothing was heard for `silenceMs`. */
  onLost(reason: string): void;
}

/**
 * The coordinator's end of a control connection. It asks for a sign of life every `heartbeatMs`; a machine whose lid is closed or
 * whose cable is pulled ends no connection, so silence counts as loss.
 */
export class PeerSession implements Disposable {
  readonly #store = new DisposableStore();
  readonly #channel: PeerChannel;
  readonly #gone = new AbortController();
  readonly #silence: SilenceWatch;
  #asking = false;

  constructor(private readonly options: PeerSessionOptions) {
    const { connection, clock, log } = options;
    this.#channel = this.#store.add(openPeerChannel(connection.socket, log));
    this.#store.add(toDisposable(() => this.#gone.abort()));
    this.#store.add(this.#channel.onClosed((broken) => this.#lose(broken === null ? 'it closed the connection' : `it sent what cannot be understood (${broken.code})`)));
    const dropped = (): void => log.warn('notification of a machine dropped: it is not valid');
    this.#store.add(listen(this.#channel.connection, leaseEndedNotification, ({ id, reason }) => options.onLeaseEnded(id, reason), dropped));
    this.#channel.connection.listen();
    const onSilent = (): void => this.#lose(`it has said nothing for ${silenceMs / 1_000} seconds`);
    this.#silence = this.#store.add(new SilenceWatch({ clock, onBeat: () => void this.#askForLife(), onSilent }));
  }

  get fingerprint(): string {
    return this.options.connection.fingerprint;
  }

  /** Tells the other machine about this one and hears about it. @throws EngineError `connectionLost`, `cancelled`, what the other machine says */
  hello(signal: AbortSignal): Promise<PeerFacts> {
    return this.#ask((own) => call(this.#channel.connection, peerHelloRequest, this.options.facts(), own), signal);
  }

  ping(signal: AbortSignal): Promise<null> {
    return this.#ask((own) => call(this.#channel.connection, pingRequest, null, own), signal);
  }

  /** @throws EngineError `leaseHeld`, `leaseRefused`, `differentBuild`, `connectionLost`, `cancelled` */
  lease(params: LeaseParams, signal: AbortSignal): Promise<LeaseResult> {
    return this.#ask((own) => call(this.#channel.connection, leaseRequest, params, own), signal);
  }

  /** Gives a lease back; whether that is heard does not matter, since the end of the connection says the same. */
  async release(id: string): Promise<void> {
    await this.#ask((own) => call(this.#channel.connection, releaseRequest, { id }, own), this.#gone.signal).catch(() => null);
  }

  /** The machine lives, whatever it was that came from it. */
  heard(): void {
    this.#silence.heard();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #ask<T>(send: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      // A machine that is silent leaves the end of the connection open for longer than anybody should wait.
      const answer = await raceAbort(raceAbort(send(signal), signal), this.#gone.signal);
      this.heard();
      return answer;
    } catch (error) {
      throw this.#gone.signal.aborted && !signal.aborted ? new EngineError({ code: 'connectionLost' }, { cause: error }) : error;
    }
  }

  async #askForLife(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.ping(this.#gone.signal);
    } catch (error) {
      this.options.log.debug(`sign of life: ${failureOf(error).code}`);
    } finally {
      this.#asking = false;
    }
  }

  #lose(reason: string): void {
    if (this.#store.disposed) return;
    this.dispose();
    this.options.onLost(reason);
  }
}
