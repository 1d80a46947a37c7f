import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { RoleOptions } from '../protocol/engineTypes.js';
import {
  addMachineRequest,
  confirmPairingRequest,
  doctorRequest,
  pairRequest,
  planRequest,
  podStatusNotification,
  renameRequest,
  shareRequest,
  unpairRequest,
  watchPodRequest,
} from '../protocol/podMessages.js';
import type { Address, DoctorFinding, PlanPreview, PodStatus, ShareOptions } from '../protocol/podTypes.js';
import { call, listen, type Request } from '../protocol/wire.js';
import type { DaemonSession } from './daemonSession.js';
import type { PodClient } from './podClient.js';

/** Where the pod client gets the daemon from. */
export interface Sessions {
  /** The present session, or a new one; starts the daemon if need be. */
  connected(signal?: AbortSignal): Promise<DaemonSession>;
  /** The present session, if there is one. */
  present(): Promise<DaemonSession> | null;
}

/** What was lent or watched goes on after the daemon has died: this long after, and twice as long after each failure, in milliseconds. */
const firstReturnMs = 1_000;
const longestReturnMs = 60_000;

/** The pod through the daemon. Remembers what is watched and shared and says it again to the next daemon. */
export class DaemonPodClient implements PodClient, Disposable {
  readonly #store = new DisposableStore();
  readonly #statusEmitter = this.#store.add(new Emitter<PodStatus | null>());
  readonly onStatus: Event<PodStatus | null> = this.#statusEmitter.event;
  #status: PodStatus | null = null;
  #watched = false;
  #shared: ShareOptions | null = null;
  #return: Disposable | null = null;

  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.#store.add(toDisposable(() => this.#return?.dispose()));
  }

  get status(): PodStatus | null {
    return this.#status;
  }

  async watch(on: boolean): Promise<void> {
    this.#watched = on;
    await this.#tell(on, async (session) => {
      const status = await call(session.connection, watchPodRequest, on);
      this.#setStatus(this.#watched ? status : null);
    });
  }

  async share(options: ShareOptions | null): Promise<void> {
    this.#shared = options;
    await this.#tell(options !== null, async (session) => {
      await call(session.connection, shareRequest, options);
    });
    // While the port changes nothing is shared for a moment, which may have been taken for somebody's wish.
    this.#shared = options;
  }

  async rename(name: string): Promise<void> {
    await this.#ask(renameRequest, name);
  }

  add(address: Address, signal: AbortSignal): Promise<string> {
    return this.#ask(addMachineRequest, address, signal);
  }

  async pair(fingerprint: string, signal: AbortSignal): Promise<void> {
    await this.#ask(pairRequest, { fingerprint }, signal);
  }

  async confirmPairing(id: string, equal: boolean): Promise<void> {
    await this.#ask(confirmPairingRequest, { id, equal });
  }

  async unpair(fingerprint: string): Promise<void> {
    await this.#ask(unpairRequest, { fingerprint });
  }

  plan(options: RoleOptions, signal: AbortSignal): Promise<PlanPreview> {
    return this.#ask(planRequest, options, signal);
  }

  doctor(signal: AbortSignal): Promise<DoctorFinding[]> {
    return this.#ask(doctorRequest, null, signal);
  }

  /** A session has greeted: it hears what this client watches and shares. */
  async attach(session: DaemonSession): Promise<void> {
    this.#return?.dispose();
    this.#return = null;
    listen(session.connection, podStatusNotification, (status) => this.#watched && this.#setStatus(status), () => this.log.warn('status of the pod dropped: it is not valid'));
    // Neither may keep the client from everything else that the daemon does; whoever asks for one of them hears why it fails.
    const said = (what: string) => (error: unknown) => this.log.warn(`${what} the pod: ${String(error)}`);
    if (this.#shared !== null) await call(session.connection, shareRequest, this.#shared).catch(said('sharing with'));
    if (this.#watched) await call(session.connection, watchPodRequest, true).then((status) => this.#setStatus(status), said('watching'));
  }

  /** The session is gone. */
  lost(): void {
    this.#setStatus(null);
    this.#returnAfter(firstReturnMs);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #returnAfter(ms: number): void {
    if (this.#store.disposed || (!this.#watched && this.#shared === null)) return;
    this.#return?.dispose();
    this.#return = this.clock.setTimeout(() => {
      this.sessions.connected().catch((error: unknown) => {
        this.log.warn(`the daemon is not back: ${String(error)}`);
        this.#returnAfter(Math.min(ms * 2, longestReturnMs));
      });
    }, ms);
  }

  /** To the present daemon, or to a new one if `start`: connecting says by itself what is wanted. */
  async #tell(start: boolean, say: (session: DaemonSession) => Promise<void>): Promise<void> {
    const present = this.sessions.present();
    if (present === null) {
      if (start) await this.sessions.connected().then(say);
      return;
    }
    await say(await present);
  }

  async #ask<P, R>(request: Request<P, R>, params: P, signal?: AbortSignal): Promise<R> {
    const { connection } = await this.sessions.connected(signal);
    return call(connection, request, params, signal);
  }

  #setStatus(status: PodStatus | null): void {
    if (status === null && this.#status === null) return;
    // Another client has stopped it: the next daemon must not hear otherwise from this one.
    if (this.#status?.sharing.state === 'on' && status?.sharing.state === 'off') this.#shared = null;
    this.#status = status;
    this.#statusEmitter.fire(status);
  }
}
