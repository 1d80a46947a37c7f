import type { MessageConnection } from 'vscode-jsonrpc';
import { linkSignals } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import type { Logger, LogRecord } from '../base/logger.js';
import {
  chatRequest,
  completeRequest,
  configureRequest,
  countTokensRequest,
  type DaemonDiagnostics,
  daemonProtocolVersion,
  diagnosticsRequest,
  type HelloParams,
  type HelloResult,
  helloRequest,
  loadRequest,
  logNotification,
  noticeNotification,
  shutdownRequest,
  statusNotification,
  unloadRequest,
} from '../protocol/daemonMessages.js';
import type { EngineNotice, EngineOptions, EngineStatus } from '../protocol/engineTypes.js';
import type { FrameLimits } from '../protocol/frameGuard.js';
import type { NetworkOptions } from '../protocol/modelTypes.js';
import { type ByteStreams, connectStreams } from '../protocol/streamConnection.js';
import { notify, type Notification, type Request, serve, serveStreaming, type StreamingRequest } from '../protocol/wire.js';
import type { ModelsApi } from '../models/modelsApi.js';
import type { PodApi } from '../pod/podApi.js';
import type { EngineService } from '../runtime/engineService.js';
import { serveModels } from './modelsRequests.js';
import { servePod } from './podRequests.js';
import type { ServedClient } from './servedClient.js';

/** What a connection needs of the daemon around it. */
export interface DaemonContext {
  readonly version: string;
  readonly engine: EngineService;
  readonly pod: PodApi;
  readonly models: ModelsApi;
  configured(): boolean;
  configure(client: ClientConnection, options: EngineOptions): void;
  /** How models are fetched while this client is connected and no other one says so. */
  network(client: ClientConnection, options: NetworkOptions): Promise<void>;
  diagnostics(): DaemonDiagnostics;
  /** Ends the daemon if no other client has greeted it. */
  shutdown(client: ClientConnection): boolean;
}

export interface ClientConnectionOptions {
  readonly streams: ByteStreams;
  readonly daemon: DaemonContext;
  readonly limits: FrameLimits;
  /** A connection that has not greeted by then is closed, in milliseconds. */
  readonly helloLimitMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onHello: () => void;
  readonly onClosed: () => void;
}

/** More messages than this unread by a client means that it has stopped reading: they are minutes of an answer, the status and the log. */
const maxUnread = 8_192;
const endLimitMs = 1_000;

/** Serves one client from its first byte to its last. When it leaves, its open requests are cancelled. */
export class ClientConnection implements Disposable {
  readonly #store = new DisposableStore();
  readonly #gone = new AbortController();
  readonly #connection: MessageConnection;
  readonly #flushed: () => Promise<void>;
  readonly #unread: () => number;
  readonly #helloTimer: Disposable;
  #client: HelloParams | null = null;

  constructor(private readonly options: ClientConnectionOptions) {
    this.#store.add(toDisposable(() => options.onClosed()));
    this.#store.add(toDisposable(() => options.streams.close()));
    const { connection, flushed, unread } = connectStreams({
      streams: options.streams,
      limits: options.limits,
      onInvalid: (failure) => options.log.warn(`message dropped: ${failure.code}`),
      onBroken: (failure) => this.#giveUp(failure.code),
    });
    this.#connection = this.#store.add(connection);
    this.#flushed = flushed;
    this.#unread = unread;
    this.#store.add(toDisposable(() => this.#gone.abort()));
    this.#helloTimer = this.#store.add(options.clock.setTimeout(() => this.#giveUp('no greeting'), options.helloLimitMs));
    this.#connection.onClose(() => this.dispose());
    this.#serveAll();
    this.#connection.listen();
  }

  get greeted(): boolean {
    return this.#client !== null;
  }

  sendStatus(status: EngineStatus): void {
    this.#notify(statusNotification, status);
  }

  sendNotice(notice: EngineNotice): void {
    this.#notify(noticeNotification, notice);
  }

  sendRecord(record: LogRecord): void {
    this.#notify(logNotification, record);
  }

  /** Resolves when the answers given so far have gone out, that to the request at hand included. */
  async flushed(): Promise<void> {
    // The answer at hand is handed to the writer in this turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#flushed();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #serveAll(): void {
    const { daemon } = this.options;
    const { engine } = daemon;
    this.#store.add(serve(this.#connection, helloRequest, (params) => this.#hello(params)));
    // Also before the greeting: it is how a newer client replaces an older daemon.
    this.#store.add(serve(this.#connection, shutdownRequest, async () => daemon.shutdown(this)));
    this.#serve(configureRequest, async (options) => {
      daemon.configure(this, options);
      return null;
    });
    this.#serveStreaming(completeRequest, (request, report, signal) => engine.generate({ role: 'completion', request }, report, signal));
    this.#serveStreaming(chatRequest, (request, report, signal) => engine.generate({ role: 'chat', request }, report, signal));
    this.#serve(countTokensRequest, ({ role, text }, signal) => engine.countTokens(role, text, signal));
    this.#serve(loadRequest, async ({ role }, signal) => {
      await engine.load(role, signal);
      return null;
    });
    this.#serve(unloadRequest, async ({ role }) => {
      await engine.unload(role);
      return null;
    });
    this.#serve(diagnosticsRequest, async () => daemon.diagnostics());
    const served: ServedClient = {
      serve: (request, handler) => this.#serve(request, handler),
      serveStreaming: (request, handler) => this.#serveStreaming(request, handler),
      notify: (notification, params) => this.#notify(notification, params),
    };
    this.#store.add(servePod(served, daemon.pod));
    this.#store.add(serveModels(served, daemon.models, (options) => daemon.network(this, options)));
  }

  async #hello(params: HelloParams): Promise<HelloResult> {
    const { daemon, log } = this.options;
    if (this.greeted) throw new EngineError({ code: 'invalidMessage', method: helloRequest.method, reason: 'this client has already greeted' });
    if (params.protocolVersion !== daemonProtocolVersion) {
      log.warn(`client ${params.clientName} ${params.clientVersion} speaks protocol ${params.protocolVersion}, not ${daemonProtocolVersion}`);
      throw new EngineError({ code: 'versionMismatch', daemonVersion: daemon.version, clientVersion: params.clientVersion });
    }
    this.#client = params;
    this.#helloTimer.dispose();
    log.info(`client ${params.clientName} ${params.clientVersion} connected`);
    this.options.onHello();
    // After the answer.
    setImmediate(() => this.sendStatus(daemon.engine.status));
    return { protocolVersion: daemonProtocolVersion, daemonVersion: daemon.version, pid: process.pid, configured: daemon.configured() };
  }

  #serve<P, R>(request: Request<P, R>, handler: (params: P, signal: AbortSignal) => Promise<R>): void {
    this.#store.add(serve(this.#connection, request, (params, signal) => this.#whileConnected(request.method, signal, (own) => handler(params, own))));
  }

  #serveStreaming<P, E, R>(request: StreamingRequest<P, E, R>, handler: (params: P, report: (event: E) => void, signal: AbortSignal) => Promise<R>): void {
    this.#store.add(
      serveStreaming(this.#connection, request, (params, report, signal) =>
        this.#whileConnected(request.method, signal, (own) => handler(params, (event) => this.#send(() => report(event)), own)),
      ),
    );
  }

  async #whileConnected<R>(method: string, signal: AbortSignal, work: (own: AbortSignal) => Promise<R>): Promise<R> {
    if (!this.greeted) throw new EngineError({ code: 'invalidMessage', method, reason: 'the greeting comes first' });
    const own = linkSignals(signal, this.#gone.signal);
    try {
      return await work(own.signal);
    } finally {
      own.dispose();
    }
  }

  #notify<P>(notification: Notification<P>, params: P): void {
    if (this.greeted) this.#send(() => notify(this.#connection, notification, params));
  }

  #send(send: () => void): void {
    if (this.#unread() > maxUnread) {
      this.options.log.warn(`connection of ${this.#client?.clientName ?? 'a stranger'} closed: it does not read`);
      this.dispose();
    } else if (!this.#store.disposed) {
      send();
    }
  }

  #giveUp(why: string): void {
    this.options.log.warn(`connection of ${this.#client?.clientName ?? 'a stranger'} closed: ${why}`);
    // The other end should hear why, but may not keep the connection by not reading.
    this.#store.add(this.options.clock.setTimeout(() => this.dispose(), endLimitMs));
    void this.flushed().then(() => this.dispose());
  }
}
