import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore } from '../../../base/disposable.js';
import type { Logger } from '../../../base/logger.js';
import type { LeaseResult } from '../../../protocol/peerMessages.js';
import { MemoryLimit } from '../../core/guard/memoryLimit.js';
import { serveLayers } from '../tunnel/layerGateway.js';
import type { LayerServerProcess } from './layerServerProcess.js';
import type { PeerStream } from '../peers/peerStream.js';
import type { LeasedWeights } from './weightCache.js';

/** ggml opens one connection after another; a few may overlap. */
const mostConnections = 8;

export interface LeaseOptions {
  /** Granted, in bytes. */
  readonly bytes: number;
  readonly server: LayerServerProcess;
  readonly weights: LeasedWeights | null;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes came through it: the coordinator lives. */
  onHeard(): void;
  /** What is used of it has changed. */
  onChange(): void;
}

/** The use of the device by one coordinator. Disposing it cuts its connections and kills the layer server. */
export class Lease implements Disposable {
  readonly #store = new DisposableStore();
  readonly #token = randomBytes(32).toString('hex');
  readonly #limit: MemoryLimit;
  #connections = 0;
  readonly id = randomUUID();
  /** Settles after the disposal, when the layer server is gone and the weights that it kept are in order. */
  readonly gone: Promise<void>;

  constructor(private readonly options: LeaseOptions) {
    this.#limit = new MemoryLimit(options.bytes, () => options.onChange());
    this.#store.add(options.server);
    this.gone = this.#whenGone();
  }

  get grant(): LeaseResult {
    return { id: this.id, token: this.#token, bytes: this.options.bytes };
  }

  get usedBytes(): number {
    return this.#limit.used;
  }

  /** Takes over a `layers` connection of the borrower. */
  accept(connection: PeerStream): void {
    if (this.#store.disposed || this.#connections >= mostConnections) {
      connection.socket.destroySoon();
      return;
    }
    this.#connections++;
    const { server, clock, log, weights, onHeard } = this.options;
    const gateway: Disposable = this.#store.add(
      serveLayers({
        connection,
        token: this.#token,
        port: server.port,
        limit: this.#limit,
        clock,
        log,
        onHeard,
        onWeights: (hash, bytes) => weights?.expect(hash, bytes),
        onClosed: () => {
          this.#connections--;
          // After the statement that made it.
          setImmediate(() => this.#store.release(gateway));
        },
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #whenGone(): Promise<void> {
    await this.options.server.exited;
    await this.options.weights?.close();
  }
}
