import { type Disposable, DisposableStore } from '../base/disposable.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import {
  benchmarkRequest,
  cancelDownloadRequest,
  fitRequest,
  importRequest,
  inspectRequest,
  licenceTextRequest,
  modelsStatusNotification,
  networkRequest,
  offersRequest,
  pauseDownloadRequest,
  pullRequest,
  removeModelRequest,
  resumeDownloadRequest,
  verifyRequest,
  watchModelsRequest,
} from '../protocol/modelMessages.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer, ModelSource, ModelsStatus, NetworkOptions } from '../protocol/modelTypes.js';
import { call, callStreaming, listen, type Request } from '../protocol/wire.js';
import type { Sessions } from './daemonPodClient.js';
import type { DaemonSession } from './daemonSession.js';
import type { ModelsClient } from './modelsClient.js';

/** The models through the daemon. Remembers what is watched and how to fetch, and says it again to the next daemon. */
export class DaemonModelsClient implements ModelsClient, Disposable {
  readonly #store = new DisposableStore();
  readonly #statusEmitter = this.#store.add(new Emitter<ModelsStatus | null>());
  readonly onStatus: Event<ModelsStatus | null> = this.#statusEmitter.event;
  #status: ModelsStatus | null = null;
  #watched = false;
  #network: NetworkOptions | null = null;

  constructor(
    private readonly sessions: Sessions,
    private readonly log: Logger,
  ) {}

  get status(): ModelsStatus | null {
    return this.#status;
  }

  async watch(on: boolean): Promise<void> {
    this.#watched = on;
    const present = this.sessions.present();
    if (present === null && !on) return;
    const { connection } = await (present ?? this.sessions.connected());
    const status = await call(connection, watchModelsRequest, on);
    this.#setStatus(this.#watched ? status : null);
  }

  /** Does not start the daemon: it is told when it is there. */
  async network(options: NetworkOptions): Promise<void> {
    this.#network = options;
    const present = this.sessions.present();
    if (present !== null) await call((await present).connection, networkRequest, options);
  }

  offers(use: IntendedUse, signal: AbortSignal): Promise<ModelOffer[]> {
    return this.#ask(offersRequest, use, signal);
  }

  inspect(source: ModelSource, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    return this.#ask(inspectRequest, { source, use }, signal);
  }

  fit(path: string, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    return this.#ask(fitRequest, { path, use }, signal);
  }

  licenceText(id: string): Promise<string> {
    return this.#ask(licenceTextRequest, { id });
  }

  pull(source: ModelSource, acceptedLicence: string | null, signal: AbortSignal): Promise<string> {
    return this.#ask(pullRequest, { source, acceptedLicence }, signal);
  }

  async pause(id: string): Promise<void> {
    await this.#ask(pauseDownloadRequest, { id });
  }

  async resume(id: string): Promise<void> {
    await this.#ask(resumeDownloadRequest, { id });
  }

  async cancel(id: string): Promise<void> {
    await this.#ask(cancelDownloadRequest, { id });
  }

  import(path: string, signal: AbortSignal): Promise<InstalledModel> {
    return this.#ask(importRequest, { path }, signal);
  }

  async verify(id: string, onProgress: (progress: number) => void, signal: AbortSignal): Promise<InstalledModel> {
    const { connection } = await this.sessions.connected(signal);
    return callStreaming(connection, verifyRequest, { id }, ({ progress }) => onProgress(progress), signal);
  }

  async remove(id: string): Promise<void> {
    await this.#ask(removeModelRequest, { id });
  }

  async benchmark(what: { readonly ids: readonly string[]; readonly pod: boolean }, onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    const { connection } = await this.sessions.connected(signal);
    return callStreaming(connection, benchmarkRequest, { ids: [...what.ids], pod: what.pod }, onEvent, signal);
  }

  /** A session has greeted: it hears how to fetch and what this client watches. */
  async attach(session: DaemonSession): Promise<void> {
    listen(session.connection, modelsStatusNotification, (status) => this.#watched && this.#setStatus(status), () => this.log.warn('status of the models dropped: it is not valid'));
    const said = (what: string) => (error: unknown) => this.log.warn(`${what}: ${String(error)}`);
    if (this.#network !== null) await call(session.connection, networkRequest, this.#network).catch(said('how to fetch models was not taken'));
    if (this.#watched) await call(session.connection, watchModelsRequest, true).then((status) => this.#setStatus(status), said('watching the models'));
  }

  /** The session is gone. */
  lost(): void {
    this.#setStatus(null);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #ask<P, R>(request: Request<P, R>, params: P, signal?: AbortSignal): Promise<R> {
    const { connection } = await this.sessions.connected(signal);
    return call(connection, request, params, signal);
  }

  #setStatus(status: ModelsStatus | null): void {
    if (status === null && this.#status === null) return;
    this.#status = status;
    this.#statusEmitter.fire(status);
  }
}
