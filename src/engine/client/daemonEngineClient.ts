import { raceAbort } from '../base/async.js';
import { DisposableStore } from '../base/disposable.js';
import { EngineError, type Role } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import { Logger, type LogSink } from '../base/logger.js';
import {
  chatRequest,
  completeRequest,
  configureRequest,
  countTokensRequest,
  type DaemonDiagnostics,
  diagnosticsRequest,
  loadRequest,
  noticeNotification,
  unloadRequest,
} from '../protocol/daemonMessages.js';
import type { ChatRequest, CompletionRequest, EngineNotice, EngineOptions, EngineStatus, GenerationEvent, GenerationResult, RoleState } from '../protocol/engineTypes.js';
import { call, callStreaming, listen } from '../protocol/wire.js';
import { DaemonModelsClient } from './daemonModelsClient.js';
import { DaemonPodClient, type Sessions } from './daemonPodClient.js';
import type { DaemonSession } from './daemonSession.js';
import type { EngineClient } from './engineClient.js';
import { openSession, type OpenSessionOptions } from './openSession.js';
import { isServed } from './socketConnector.js';

export interface EngineClientOptions extends Omit<OpenSessionOptions, 'log'> {
  /** Hears the client's own records and those of the daemon and its workers. */
  readonly log: LogSink;
  /**
   * `always`: the options given to `configure` take effect while this client is connected.
   * `ifUnset`: they do only when no other client that is connected has configured the daemon, so that a terminal leaves a window's models alone.
   */
  readonly configure: 'always' | 'ifUnset';
}

/** A client that finds or starts the daemon at its first call, and again after losing it. */
export function createEngineClient(options: EngineClientOptions): EngineClient {
  return new DaemonEngineClient(options);
}

class DaemonEngineClient implements EngineClient {
  readonly #store = new DisposableStore();
  readonly #statusEmitter = this.#store.add(new Emitter<EngineStatus>());
  readonly #log: Logger;
  readonly #disposed = new AbortController();
  readonly #noticeEmitter = this.#store.add(new Emitter<EngineNotice>());
  readonly pod: DaemonPodClient;
  readonly models: DaemonModelsClient;
  readonly onNotice: Event<EngineNotice> = this.#noticeEmitter.event;
  #options: EngineOptions | null = null;
  #status: EngineStatus = { completion: { state: 'unloaded' }, chat: { state: 'unloaded' } };
  #session: Promise<DaemonSession> | null = null;
  /** Whether the present daemon takes this client's options. */
  #decides = false;

  constructor(private readonly setup: EngineClientOptions) {
    this.#log = new Logger(setup.log, `client/${setup.clientName}`);
    const sessions: Sessions = { connected: (signal) => this.#connected(signal), present: () => this.#session };
    this.pod = this.#store.add(new DaemonPodClient(sessions, setup.clock, this.#log));
    this.models = this.#store.add(new DaemonModelsClient(sessions, this.#log));
  }

  get status(): EngineStatus {
    return this.#status;
  }

  readonly onStatus: Event<EngineStatus> = this.#statusEmitter.event;

  async configure(options: EngineOptions): Promise<void> {
    this.#options = options;
    const session = this.#session;
    if (session === null) {
      this.#setStatus(this.#disconnectedStatus());
      return;
    }
    // Connecting sends the options by itself; if it fails, the next attempt does.
    const connected = await session.catch(() => null);
    if (connected !== null && this.#decides) await call(connected.connection, configureRequest, options);
  }

  async complete(request: CompletionRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const { connection } = await this.#connected(signal);
    return callStreaming(connection, completeRequest, request, onEvent, signal);
  }

  async chat(request: ChatRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const { connection } = await this.#connected(signal);
    return callStreaming(connection, chatRequest, request, onEvent, signal);
  }

  async countTokens(role: Role, text: string, signal: AbortSignal): Promise<number> {
    const { connection } = await this.#connected(signal);
    return call(connection, countTokensRequest, { role, text }, signal);
  }

  async load(role: Role, signal: AbortSignal): Promise<void> {
    const { connection } = await this.#connected(signal);
    await call(connection, loadRequest, { role }, signal);
  }

  async unload(role: Role): Promise<void> {
    if (this.#session === null) return;
    const { connection } = await this.#connected();
    await call(connection, unloadRequest, { role });
  }

  async diagnostics(): Promise<DaemonDiagnostics> {
    const { connection } = await this.#connected();
    return call(connection, diagnosticsRequest, null);
  }

  async shutdown(): Promise<boolean> {
    if (this.#session === null && !(await isServed(this.setup.paths.socket))) return true;
    const session = await this.#connected();
    const closed = new Promise<void>((resolve) => session.onClosed(resolve));
    if (!(await session.shutdown(this.#disposed.signal))) return false;
    await closed;
    return true;
  }

  dispose(): void {
    this.#disposed.abort();
    void this.#session?.then((session) => session.dispose()).catch(() => undefined);
    this.#session = null;
    this.#store.dispose();
  }

  /** The present session, or a new one that all callers share; giving up waiting does not end it for the others. */
  async #connected(signal?: AbortSignal): Promise<DaemonSession> {
    if (this.#disposed.signal.aborted) throw new EngineError({ code: 'connectionLost' });
    this.#session ??= this.#connect();
    return signal === undefined ? this.#session : raceAbort(this.#session, signal);
  }

  async #connect(): Promise<DaemonSession> {
    try {
      const { session, hello } = await openSession({ ...this.setup, log: this.#log }, this.#disposed.signal);
      if (this.#disposed.signal.aborted) {
        session.dispose();
        throw new EngineError({ code: 'connectionLost' });
      }
      listen(session.connection, noticeNotification, (notice) => this.#noticeEmitter.fire(notice), () => this.#log.warn('notice dropped: it is not valid'));
      session.onRecord((record) => this.setup.log.write(record));
      session.onStatus((status) => this.#setStatus(status));
      if (session.status !== null) this.#setStatus(session.status);
      session.onClosed(() => this.#lost());
      this.#log.info(`connected to daemon ${hello.daemonVersion}, process ${hello.pid}`);
      this.#decides = this.setup.configure === 'always' || !hello.configured;
      if (this.#decides) await this.#sendOptions(session);
      await this.pod.attach(session);
      await this.models.attach(session);
      return session;
    } catch (error) {
      this.#session = null;
      throw error;
    }
  }

  async #sendOptions(session: DaemonSession): Promise<void> {
    let sent: EngineOptions | null = null;
    // `configure` may be called again while the first options are on their way.
    while (this.#options !== null && this.#options !== sent) {
      sent = this.#options;
      try {
        await call(session.connection, configureRequest, sent);
      } catch (error) {
        session.dispose();
        throw error;
      }
    }
  }

  #lost(): void {
    this.#log.warn('the connection to the daemon was lost; the next request starts it again');
    this.#session = null;
    this.#setStatus(this.#disconnectedStatus());
    this.pod.lost();
    this.models.lost();
  }

  #disconnectedStatus(): EngineStatus {
    const state = (off: boolean): RoleState => ({ state: off ? 'off' : 'unloaded' });
    return { completion: state(this.#options !== null && this.#options.completion === null), chat: state(this.#options !== null && this.#options.chat === null) };
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.#statusEmitter.fire(status);
  }
}
