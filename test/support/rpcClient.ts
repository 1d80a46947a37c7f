import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { allocate, hello } from './rpcBytes.js';
import type { TestHome } from './leaks.js';

/** ggml's client, as far as bytes go. */
export class RpcClient {
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => this.#wake());
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  /** @param endpoint `127.0.0.1:port` */
  static async connect(home: TestHome, endpoint: string): Promise<RpcClient> {
    const socket = net.connect({ host: '127.0.0.1', port: Number(endpoint.split(':')[1]) });
    home.atEnd(() => void socket.destroy());
    await once(socket, 'connect');
    return new RpcClient(socket);
  }

  /** What has come and was not asked for. */
  get unread(): Buffer {
    return this.#received;
  }

  /** Sends a request and answers the payload of its answer. */
  async ask(request: Uint8Array): Promise<Buffer> {
    this.socket.write(request);
    return this.answer();
  }

  async answer(): Promise<Buffer> {
    for (;;) {
      const length = this.#received.length < 8 ? Number.POSITIVE_INFINITY : Number(this.#received.readBigUInt64LE());
      if (this.#received.length >= 8 + length) {
        const payload = this.#received.subarray(8, 8 + length);
        this.#received = this.#received.subarray(8 + length);
        return payload;
      }
      if (this.socket.closed) throw new Error('the connection was closed');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async greet(): Promise<void> {
    await this.ask(hello());
  }

  /** Answers the handle, 0 where there is no room. */
  async allocate(bytes: number): Promise<bigint> {
    return (await this.ask(allocate(bytes))).readBigUInt64LE();
  }
}
