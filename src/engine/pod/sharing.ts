import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { assertNever, EngineError, type Failure, failureOf } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { ShareOptions, Sharing as SharingState } from '../protocol/podTypes.js';
import type { Discovery } from './net/discovery/discovery.js';
import type { FileLender } from './net/files/fileLender.js';
import type { Identity } from './net/identity/identity.js';
import type { Lender } from './net/lending/lender.js';
import type { PairingDoor } from './net/pairing/pairingDoor.js';
import type { PeerConnection } from './net/peers/peerConnection.js';
import { listenForPeers, type PeerListener } from './net/peers/peerListener.js';

export interface SharingOptions {
  readonly identity: Identity;
  readonly lender: Lender;
  readonly files: FileLender;
  readonly door: PairingDoor;
  readonly discovery: Pick<Discovery, 'advertise'>;
  readonly clock: Clock;
  readonly log: Logger;
  isTrusted(fingerprint: string): boolean;
  /** What others call this machine. */
  name(): string;
}

/** Lends this machine while the user wants it: the port that others connect to, and the advertisement that they find it by. */
export class Sharing implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #listener: PeerListener | null = null;
  #options: ShareOptions | null = null;
  #failure: Failure | null = null;
  /** One change of the port after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  readonly onChange: Event<void> = this.#changed.event;

  constructor(private readonly options: SharingOptions) {
    this.#store.add(options.lender.onChange(() => this.#changed.fire()));
    this.#store.add(toDisposable(() => this.#close()));
  }

  get state(): SharingState {
    if (this.#failure !== null) return { state: 'failed', failure: this.#failure };
    if (this.#listener === null || this.#options === null) return { state: 'off' };
    const { device, lendableBytes, borrower } = this.options.lender.state;
    return { state: 'on', port: this.#listener.port, device, lendableBytes, borrower };
  }

  /** Lends under these conditions from now on, or not at all. @throws EngineError `podPortTaken` */
  share(wanted: ShareOptions | null): Promise<void> {
    const done = this.#turn.then(() => this.#apply(wanted));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** The name has changed. */
  announce(): void {
    const { identity, discovery, name } = this.options;
    if (this.#listener !== null) discovery.advertise({ fingerprint: identity.fingerprint, name: name(), port: this.#listener.port });
  }

  /** Cuts everything with a machine that is no longer paired. */
  cut(fingerprint: string): void {
    this.options.lender.cut(fingerprint);
    this.#listener?.closeFrom(fingerprint);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #apply(wanted: ShareOptions | null): Promise<void> {
    if (this.#store.disposed) return;
    const samePort = wanted !== null && this.#listener !== null && (wanted.port === 0 || wanted.port === this.#listener.port);
    try {
      if (!samePort) this.#close();
      this.#failure = null;
      this.#options = wanted;
      if (wanted !== null) {
        this.#listener ??= await this.#listen(wanted.port);
        this.announce();
      }
      this.options.lender.share(wanted);
    } catch (error) {
      this.#options = null;
      this.#failure = failureOf(error);
      throw new EngineError(this.#failure, { cause: error });
    } finally {
      this.#changed.fire();
    }
  }

  async #listen(port: number): Promise<PeerListener> {
    const { identity, isTrusted, clock, log } = this.options;
    const listener = await listenForPeers({ port, identity, isTrusted, onConnection: (connection) => this.#accept(connection), clock, log });
    if (!this.#store.disposed) return listener;
    listener.dispose();
    throw new EngineError({ code: 'cancelled' });
  }

  #close(): void {
    const listener = this.#listener;
    // Nothing is shared from here on, which the lender tells to whoever watches.
    this.#listener = null;
    if (listener !== null) this.options.discovery.advertise(null);
    this.options.lender.share(null);
    listener?.dispose();
  }

  #accept(connection: PeerConnection): void {
    const { lender, files, door } = this.options;
    switch (connection.purpose) {
      case 'pair':
        door.accept(connection);
        return;
      case 'control':
        lender.acceptControl(connection);
        return;
      case 'layers':
        lender.acceptLayers(connection);
        return;
      case 'link':
        lender.acceptLink(connection);
        return;
      case 'file':
        files.accept(connection);
        return;
      default:
        assertNever(connection.purpose);
    }
  }
}
