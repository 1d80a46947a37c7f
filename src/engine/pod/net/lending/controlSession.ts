import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import type { Logger } from '../../../base/logger.js';
import {
  leaseEndedNotification,
  type LeaseParams,
  leaseRequest,
  type LeaseResult,
  peerHelloRequest,
  type PeerFacts,
  pingRequest,
  releaseRequest,
  silenceMs,
} from '../../../protocol/peerMessages.js';
import { notify, serve } from '../../../protocol/wire.js';
import { openPeerChannel, type PeerChannel } from '../peers/peerChannel.js';
import type { PeerConnection } from '../peers/peerConnection.js';
import { SilenceWatch } from '../peers/silenceWatch.js';

export interface ControlSessionOptions {
  readonly connection: PeerConnection;
  readonly clock: Clock;
  readonly log: Logger;
  hello(): PeerFacts;
  lease(params: LeaseParams, signal: AbortSignal): Promise<LeaseResult>;
  /** Settles when the device is free again. */
  release(id: string): Promise<void>;
  /** The connection has ended, or nothing was heard for too long. */
  onClosed(): void;
}

/** The lender's end of a control connection. A coordinator that says nothing for `silenceMs` is given up. */
export class ControlSession implements Disposable {
  readonly #store = new DisposableStore();
  readonly #channel: PeerChannel;
  readonly #silence: SilenceWatch;
  readonly fingerprint: string;

  constructor(options: ControlSessionOptions) {
    const { connection, clock, log } = options;
    this.fingerprint = connection.fingerprint;
    this.#channel = this.#store.add(openPeerChannel(connection.socket, log));
    this.#store.add(toDisposable(() => options.onClosed()));
    this.#store.add(this.#channel.onClosed(() => this.dispose()));
    const { connection: wire } = this.#channel;
    const heard = <P, R>(handler: (params: P, signal: AbortSignal) => Promise<R>) => {
      return (params: P, signal: AbortSignal): Promise<R> => {
        this.heard();
        return handler(params, signal);
      };
    };
    serve(wire, peerHelloRequest, heard(async () => options.hello()));
    serve(wire, pingRequest, heard(async () => null));
    serve(wire, leaseRequest, heard((params, signal) => options.lease(params, signal)));
    serve(
      wire,
      releaseRequest,
      heard(async ({ id }) => {
        await options.release(id);
        return null;
      }),
    );
    wire.listen();
    const onSilent = (): void => {
      log.info(`a coordinator has said nothing for ${silenceMs} ms`);
      this.dispose();
    };
    this.#silence = this.#store.add(new SilenceWatch({ clock, onBeat: () => undefined, onSilent }));
  }

  /** The coordinator lives, whatever it was that came from it. */
  heard(): void {
    this.#silence.heard();
  }

  leaseEnded(id: string, reason: string): void {
    notify(this.#channel.connection, leaseEndedNotification, { id, reason: reason.slice(0, 256) });
  }

  dispose(): void {
    this.#store.dispose();
  }
}
