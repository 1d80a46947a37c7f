import fs from 'node:fs/promises';
import net from 'node:net';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import type { Logger, LogRecord } from '../base/logger.js';
import type { DaemonDiagnostics } from '../protocol/daemonMessages.js';
import type { EngineOptions } from '../protocol/engineTypes.js';
import type { NetworkOptions } from '../protocol/modelTypes.js';
import { wireLimits } from '../protocol/frameGuard.js';
import type { ModelsApi } from '../models/modelsApi.js';
import type { PodApi } from '../pod/podApi.js';
import type { EngineService } from '../runtime/engineService.js';
import { ClientConnection, type DaemonContext } from './clientConnection.js';
import { type Configurations, noConfigurations, withConfiguration, withoutClient } from './configurations.js';

export interface DaemonServerOptions {
  readonly version: string;
  readonly engine: EngineService;
  readonly pod: PodApi;
  readonly models: ModelsApi;
  readonly clock: Clock;
  readonly log: Logger;
  /** Somebody looks on: it stays, though nobody needs it. */
  readonly stays: boolean;
  /** The daemon should end: nobody needs it, or its only client asked for it. */
  readonly onEnd: (why: string) => void;
}

const statusIntervalMs = 50;
const helloLimitMs = 10_000;
/** Until the first client has come and said how long the daemon should wait; who started it tries to connect all the time. */
const firstExitAfterMs = 10_000;
/** A daemon without clients that lends layers or downloads looks no more often than this whether that is over. */
const busyLookMs = 1_000;

/** The clients of the daemon: takes their connections, tells them the status, notices when the last one has left. */
export class DaemonServer implements DaemonContext, Disposable {
  readonly #store = new DisposableStore();
  readonly #clients = new Set<ClientConnection>();
  readonly #server: net.Server;
  readonly #startedAt: number;
  #configurations: Configurations<ClientConnection, EngineOptions> = noConfigurations;
  #networks: Configurations<ClientConnection, NetworkOptions> = noConfigurations;
  #statusTimer: Disposable | null = null;
  #exitTimer: Disposable | null = null;
  #ending = false;

  constructor(private readonly options: DaemonServerOptions) {
    this.#startedAt = options.clock.now();
    this.#server = net.createServer((socket) => this.#accept(socket));
    this.#store.add(toDisposable(() => this.#server.close()));
    this.#store.add(toDisposable(() => this.#disconnectAll()));
    this.#store.add(toDisposable(() => this.#statusTimer?.dispose()));
    this.#store.add(toDisposable(() => this.#exitTimer?.dispose()));
    this.#store.add(options.engine.onStatus(() => this.#statusChanged()));
    this.#store.add(options.engine.onNotice((notice) => {
      for (const client of this.#clients) client.sendNotice(notice);
    }));
    this.#watchIdle();
  }

  get version(): string {
    return this.options.version;
  }

  get engine(): EngineService {
    return this.options.engine;
  }

  get pod(): PodApi {
    return this.options.pod;
  }

  get models(): ModelsApi {
    return this.options.models;
  }

  /** Opens the socket for this user alone. The directory around it is private, so nobody gets in before its mode is set. */
  async listen(path: string): Promise<void> {
    if (process.platform !== 'win32') await fs.rm(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.options.log.error(`socket: ${error.message}`));
        resolve();
      });
    });
    if (process.platform !== 'win32') await fs.chmod(path, 0o600);
  }

  broadcast(record: LogRecord): void {
    for (const client of this.#clients) client.sendRecord(record);
  }

  configured(): boolean {
    return this.#configurations.entries.length > 0;
  }

  configure(client: ClientConnection, options: EngineOptions): void {
    this.#apply(withConfiguration(this.#configurations, client, options));
  }

  async network(client: ClientConnection, options: NetworkOptions): Promise<void> {
    this.#networks = withConfiguration(this.#networks, client, options);
    await this.options.models.network(options);
  }

  diagnostics(): DaemonDiagnostics {
    const { engine, version, clock } = this.options;
    return {
      daemonVersion: version,
      pid: process.pid,
      uptimeMs: clock.now() - this.#startedAt,
      clients: this.#greeted().length,
      workers: engine.workers,
      status: engine.status,
    };
  }

  shutdown(client: ClientConnection): boolean {
    if (this.#greeted().some((other) => other !== client)) return false;
    // Whoever comes from now on must find that nobody is here, not a daemon that is about to go.
    this.#ending = true;
    for (const other of Array.from(this.#clients)) {
      if (other !== client) other.dispose();
    }
    void client.flushed().then(() => this.options.onEnd('its only client asked for it'));
    return true;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #accept(socket: net.Socket): void {
    socket.on('error', () => undefined);
    if (this.#ending) {
      socket.destroy();
      return;
    }
    const client: ClientConnection = new ClientConnection({
      streams: { input: socket, output: socket, close: () => closeSoon(socket) },
      daemon: this,
      limits: wireLimits,
      helloLimitMs,
      clock: this.options.clock,
      log: this.options.log,
      onHello: () => this.#watchIdle(),
      onClosed: () => {
        this.#clients.delete(client);
        if (this.#store.disposed) return;
        this.#apply(withoutClient(this.#configurations, client));
        this.#leaveNetwork(client);
      },
    });
    this.#clients.add(client);
  }

  #greeted(): ClientConnection[] {
    return [...this.#clients].filter((client) => client.greeted);
  }

  #apply(next: Configurations<ClientConnection, EngineOptions>): void {
    const changed = next.effective !== this.#configurations.effective;
    this.#configurations = next;
    if (changed && next.effective !== null) this.options.engine.configure(next.effective);
    this.#watchIdle();
  }

  /** A terminal's way to fetch ends with it. */
  #leaveNetwork(client: ClientConnection): void {
    const before = this.#networks.effective;
    this.#networks = withoutClient(this.#networks, client);
    const { effective } = this.#networks;
    if (effective === null || effective === before) return;
    this.options.models.network(effective).catch((error: unknown) => this.options.log.warn(`how to fetch models was not taken: ${String(error)}`));
  }

  #statusChanged(): void {
    this.#statusTimer ??= this.options.clock.setTimeout(() => {
      this.#statusTimer = null;
      const { status } = this.options.engine;
      for (const client of this.#clients) client.sendStatus(status);
    }, statusIntervalMs);
  }

  #watchIdle(): void {
    this.#exitTimer?.dispose();
    this.#exitTimer = null;
    if (this.options.stays || this.#greeted().length > 0) return;
    this.#exitAfter(this.#configurations.effective?.exitAfterMs ?? firstExitAfterMs);
  }

  #exitAfter(ms: number): void {
    this.#exitTimer = this.options.clock.setTimeout(() => {
      const { pod, models } = this.options;
      // What this machine has borrowed itself serves its clients alone, and is given back when it ends.
      if (pod.lending || models.busy) this.#exitAfter(Math.max(ms, busyLookMs));
      else this.options.onEnd('nobody has needed it for a while');
    }, ms);
  }

  #disconnectAll(): void {
    for (const client of Array.from(this.#clients)) client.dispose();
  }
}

/** Lets what was written go out; a client that does not read it may not keep the socket. */
function closeSoon(socket: net.Socket): void {
  socket.destroySoon();
  socket.setTimeout(1_000, () => socket.destroy());
}
