import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import type { Address } from '../../src/engine/protocol/podTypes.js';

export interface DelayProxyOptions {
  /** Where connections go. */
  readonly target: Address;
  /** One way, in milliseconds; fractions count. */
  readonly delayMs?: number;
  /** Each way; none is unlimited. */
  readonly bytesPerSecond?: number;
}

/** Bytes on the way in one direction before the sender is held up, as a link's own buffers would. */
const mostOnTheWay = 4 * 1_024 * 1_024;

/** Imitates a distant or slow link in front of a TCP port. Bytes keep their order; a delay does not lower the throughput. */
export class DelayProxy {
  readonly #server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#join(socket));
  readonly #sockets = new Set<Socket>();
  #frozen = false;

  private constructor(private readonly options: DelayProxyOptions) {}

  static async open(options: DelayProxyOptions): Promise<DelayProxy> {
    const proxy = new DelayProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): Address {
    const address = this.#server.address();
    return { host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  /** From now on nothing gets through, and nobody is told: a cable is pulled. */
  freeze(): void {
    this.#frozen = true;
  }

  dispose(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket): void {
    const far = net.connect({ ...this.options.target, noDelay: true, allowHalfOpen: true });
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => this.#sockets.delete(from));
      this.#carry(from, to);
    }
  }

  #carry(from: Socket, to: Socket): void {
    const { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.options;
    /** In order; `null` is the end. */
    const onTheWay: { readonly at: number; readonly bytes: Buffer | null }[] = [];
    let waiting = 0;
    let sentUntil = 0;
    let running = false;
    const add = (bytes: Buffer | null): void => {
      sentUntil = Math.max(sentUntil, performance.now()) + ((bytes?.length ?? 0) * 1_000) / bytesPerSecond;
      onTheWay.push({ at: sentUntil + delayMs, bytes });
      waiting += bytes?.length ?? 0;
      if (waiting > mostOnTheWay) from.pause();
      if (!running) deliver();
    };
    const deliver = (): void => {
      running = false;
      for (let next = onTheWay[0]; next !== undefined; next = onTheWay[0]) {
        if (this.#frozen) return;
        const left = next.at - performance.now();
        if (left > 0) {
          running = true;
          // A timer's grain is a millisecond.
          if (left > 2) setTimeout(deliver, left - 1).unref();
          else setImmediate(deliver);
          return;
        }
        onTheWay.shift();
        if (next.bytes === null) to.end();
        else {
          waiting -= next.bytes.length;
          to.write(next.bytes);
        }
      }
      from.resume();
    };
    from.on('data', add);
    from.on('end', () => add(null));
  }
}
