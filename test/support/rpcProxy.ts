import { once } from 'node:events';
import net from 'node:net';

/** Numbers of ggml's RPC commands, protocol 6.0.0. */
export const rpcCommands = { allocate: 0, getDeviceMemory: 11 } as const;

/** What the proxy answers itself to a command, given how many of its kind it has seen before; `null` lets it pass. */
export type ProxyAnswer = (before: number) => BigUint64Array | null;

/** One command byte and the length of what follows. */
const headerBytes = 9;

/**
 * Stands between a worker and a layer server and answers some commands itself. It waits for a whole message, so that it knows
 * where the next one begins; the other commands and all answers pass unchanged.
 */
export class RpcProxy {
  readonly #sockets = new Set<net.Socket>();
  readonly #seen = new Map<number, number>();

  private constructor(private readonly server: net.Server, readonly answers: ReadonlyMap<number, ProxyAnswer>) {}

  static async listen(port: number, answers: ReadonlyMap<number, ProxyAnswer>, onCommand: (command: number) => void = () => undefined): Promise<RpcProxy> {
    const proxy = new RpcProxy(net.createServer((near) => proxy.#connect(near, port, onCommand)), answers);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get endpoint(): string {
    const address = this.server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  #connect(near: net.Socket, port: number, onCommand: (command: number) => void): void {
    const far = net.connect(port, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    far.pipe(near);
    let held = Buffer.alloc(0);
    near.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= headerBytes) {
        const end = headerBytes + Number(held.readBigUInt64LE(1));
        if (held.length < end) break;
        const command = held.readUInt8(0);
        onCommand(command);
        const before = this.#seen.get(command) ?? 0;
        this.#seen.set(command, before + 1);
        const answer = this.answers.get(command)?.(before) ?? null;
        if (answer === null) far.write(held.subarray(0, end));
        else near.write(Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(answer.byteLength)).buffer), Buffer.from(answer.buffer)]));
        held = held.subarray(end);
      }
    });
  }
}
