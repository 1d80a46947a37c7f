import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection, NullLogger } from 'vscode-jsonrpc/node';
import { deferred, delay, raceAbort } from '../../../base/async.js';
import { systemClock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import { EngineError, hasErrorCode } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { StderrTail } from '../../../base/stderrTail.js';
import { CheckedReader } from '../../../protocol/checkedReader.js';
import { type ProbeResult, probeRequest, type ServeParams, serveLayersRequest } from '../../../protocol/layerServerMessages.js';
import { call } from '../../../protocol/wire.js';
import { greetLayerServer } from './greetLayerServer.js';

/** How long the device may take until it serves, in milliseconds: some drivers compile their kernels first. */
const startLimitMs = 60_000;
const lookMs = 20;
/** Somebody else may take the port between our looking for it and the server's listening. */
const attempts = 3;

/** The native part of lending, in processes of its own. */
export interface LayerServers {
  /** Which devices there are and, with `measure`, how fast. @throws EngineError `remoteLayersUnavailable`, `cancelled` */
  probe(measure: boolean, signal: AbortSignal): Promise<ProbeResult>;
  /** Lends a device on loopback; the promise settles when it listens. @throws EngineError `remoteLayersUnavailable`, `cancelled` */
  serve(params: Omit<ServeParams, 'port'>, signal: AbortSignal): Promise<LayerServerProcess>;
}

/** Disposing it kills the process. */
export interface LayerServerProcess extends Disposable {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** How it ended. */
  readonly exited: Promise<string>;
}

/** @param entry The bundled program of the layer server. */
export function forkLayerServers(entry: string, log: Logger): LayerServers {
  return {
    async probe(measure, signal) {
      const server = new ForkedLayerServer(entry, 0, log);
      try {
        return await server.whileAlive(call(server.connection, probeRequest, { measure }, signal));
      } finally {
        server.dispose();
      }
    },
    async serve(params, signal) {
      for (let attempt = 1; ; attempt++) {
        const server = new ForkedLayerServer(entry, await freePort(), log);
        try {
          await server.whileAlive(start(server, params, signal));
          return server;
        } catch (error) {
          server.dispose();
          await server.exited;
          if (attempt === attempts || signal.aborted || !(await isTaken(server.port))) throw error;
        }
      }
    },
  };
}

async function start(server: ForkedLayerServer, params: Omit<ServeParams, 'port'>, signal: AbortSignal): Promise<void> {
  await call(server.connection, serveLayersRequest, { ...params, port: server.port }, signal);
  const latest = systemClock.now() + startLimitMs;
  while (server.alive && !(await raceAbort(greetLayerServer(server.port), signal))) {
    if (systemClock.now() > latest) throw new EngineError({ code: 'remoteLayersUnavailable', reason: `the layer server does not listen after ${startLimitMs / 1_000} s` });
    await delay(lookMs, signal, systemClock);
  }
}

class ForkedLayerServer implements LayerServerProcess {
  readonly connection: MessageConnection;
  readonly #child: ChildProcess;
  readonly #exited = deferred<string>();
  readonly #stderr = new StderrTail();
  alive = true;

  constructor(entry: string, readonly port: number, private readonly log: Logger) {
    // RDMA would carry bytes past the tunnel.
    this.#child = fork(entry, [], { execArgv: [], env: { ...process.env, GGML_RPC_NO_RDMA: '1' }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    // Not 'exit': the last words may come after it.
    this.#child.once('close', (code, signal) => this.#end(signal ?? `code ${code}`));
    this.#child.once('error', (error) => this.#end(error.message));
    const reader = new CheckedReader(new IPCMessageReader(this.#child), () => this.log.warn('message of the layer server dropped: it is not valid'));
    this.connection = createMessageConnection(reader, new IPCMessageWriter(this.#child), NullLogger);
    this.connection.listen();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get exited(): Promise<string> {
    return this.#exited.promise;
  }

  /** Settles with the work, or fails when the process ends first. */
  whileAlive<T>(work: Promise<T>): Promise<T> {
    const died = async (): Promise<never> => {
      const how = await this.#exited.promise;
      throw new EngineError({ code: 'remoteLayersUnavailable', reason: `the layer server ended: ${how}` });
    };
    return Promise.race([work, died()]);
  }

  dispose(): void {
    if (this.alive) this.#child.kill('SIGKILL');
  }

  #end(how: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.log.debug(`layer server ${this.#child.pid ?? '?'} ended with ${how}; it last said: ${this.#stderr.text}`);
    this.#exited.resolve(this.#stderr.explain(how));
    this.connection.dispose();
  }
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isTaken(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    server.close();
    return false;
  } catch (error) {
    return hasErrorCode(error, 'EADDRINUSE');
  }
}

async function listen(port: number): Promise<net.Server> {
  const server = net.createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
