import net, { type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import { failureOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import type { Traffic } from '../../../protocol/podTypes.js';
import { MemoryLimit } from '../../core/guard/memoryLimit.js';
import { TrafficMeter } from '../../core/guard/trafficMeter.js';
import { guardedPipe } from './guardedPipe.js';
import type { PeerStream } from '../peers/peerStream.js';

/** How long a connection to the lender may take, in milliseconds; the worker stands still meanwhile. */
const connectLimitMs = 3_000;
/** ggml opens one after another; a few may overlap. */
const mostConnections = 8;

export interface LayerTunnelOptions {
  /** Opens a `layers` connection to the lender. */
  connect(signal: AbortSignal): Promise<Pick<PeerStream, 'socket'>>;
  /** Of the lease: 32 bytes in hexadecimal. */
  readonly token: string;
  /** Granted by the lease. */
  readonly maxBytes: number;
  /** The far end is gone or cannot be trusted; called at most once, and not after the disposal. */
  onLost(reason: string): void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The near end of a lease: what looks like an RPC server on loopback is the lender's device. */
export interface LayerTunnel extends Disposable {
  /** `127.0.0.1:port` */
  readonly endpoint: string;
  /** What the device is said to have, in bytes. */
  setMemory(memory: { free: number; total: number }): void;
  readonly traffic: Traffic;
}

/** Listens on loopback. ggml ends its process when a server goes, so after a loss its sockets stay open, silent, until the disposal. */
export async function openLayerTunnel(options: LayerTunnelOptions): Promise<LayerTunnel> {
  const tunnel = new Tunnel(options);
  try {
    await tunnel.listen();
  } catch (error) {
    tunnel.dispose();
    throw error;
  }
  return tunnel;
}

class Tunnel implements LayerTunnel {
  readonly #store = new DisposableStore();
  readonly #server = net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => void this.#accept(socket));
  /** Towards the lender: cut as soon as it is lost. */
  readonly #far = new DisposableStore();
  readonly #meter: TrafficMeter;
  readonly #limit: MemoryLimit;
  #memory: { free: number; total: number };
  #lost = false;

  constructor(private readonly options: LayerTunnelOptions) {
    this.#meter = new TrafficMeter(() => options.clock.now());
    this.#limit = new MemoryLimit(options.maxBytes);
    this.#memory = { free: options.maxBytes, total: options.maxBytes };
    this.#server.maxConnections = mostConnections;
    this.#store.add(this.#far);
    this.#store.add(toDisposable(() => this.#server.close()));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get traffic(): Traffic {
    return this.#meter.traffic;
  }

  setMemory(memory: { free: number; total: number }): void {
    this.#memory = memory;
  }

  dispose(): void {
    this.#lost = true;
    this.#store.dispose();
  }

  async #accept(client: Socket): Promise<void> {
    client.on('error', () => undefined);
    const near = this.#store.add(toDisposable(() => client.destroy()));
    client.once('close', () => this.#store.release(near));
    if (this.#lost) return;
    const attempt = new AbortController();
    const timer = this.options.clock.setTimeout(() => attempt.abort(), connectLimitMs);
    const cancel = this.#far.add(toDisposable(() => attempt.abort()));
    try {
      const { socket } = await this.options.connect(attempt.signal);
      if (this.#lost) socket.destroy();
      else this.#join(client, socket);
    } catch (error) {
      this.#lose(attempt.signal.aborted ? 'no connection in time' : failureOf(error).code);
    } finally {
      timer.dispose();
      this.#far.release(cancel);
    }
  }

  #join(client: Socket, server: Socket): void {
    server.on('error', () => undefined);
    const far = this.#far.add(toDisposable(() => server.destroy()));
    server.once('close', () => this.#far.release(far));
    server.write(Buffer.from(this.options.token, 'hex'));
    const pipe: Disposable = this.#far.add(
      guardedPipe({
        client,
        server,
        rules: { memory: () => this.#memory, limit: this.#limit, now: () => this.options.clock.now(), onAnswered: (ms) => this.#meter.answered(ms) },
        onSent: (bytes) => this.#meter.sent(bytes),
        onReceived: (bytes) => this.#meter.received(bytes),
        onEnd: (by, reason) => {
          this.#far.release(pipe);
          if (by === 'server') {
            this.#lose(reason);
            return;
          }
          this.options.log.debug(`a connection to the tunnel ended: ${reason}`);
          this.#far.release(far);
          client.destroy();
        },
      }),
    );
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#far.dispose();
    this.options.onLost(reason);
  }
}
