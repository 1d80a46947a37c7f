import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import { probeRequest, type ProbeResult, serveLayersRequest, type ServeParams } from '../../src/engine/protocol/layerServerMessages.js';
import { call } from '../../src/engine/protocol/wire.js';

export const layerServerFile = path.resolve('dist/layerServer.cjs');

/** A port on loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export type LendingServer = LayerServer & { readonly port: number; readonly endpoint: string };

/** A real layer server, forked as the daemon does it. */
export class LayerServer {
  private constructor(readonly child: ChildProcess, readonly connection: MessageConnection) {
    child.once('exit', () => connection.dispose());
    connection.listen();
  }

  static fork(entry = layerServerFile): LayerServer {
    const child = fork(entry, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    return new LayerServer(child, createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child)));
  }

  /** One that lends this machine's processor. */
  static async lending(params: Partial<ServeParams> = {}): Promise<LendingServer> {
    const server = LayerServer.fork();
    const port = params.port ?? (await freePort());
    try {
      await server.serve({ device: 'CPU', port, threads: 1, cacheDirectory: null, ...params });
    } catch (error) {
      await server.stop();
      throw error;
    }
    return Object.assign(server, { port, endpoint: `127.0.0.1:${port}` });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  probe(measure: boolean): Promise<ProbeResult> {
    return call(this.connection, probeRequest, { measure });
  }

  async serve(params: ServeParams): Promise<void> {
    await call(this.connection, serveLayersRequest, params);
  }

  /** Kills it, as the daemon does when a lease ends, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
