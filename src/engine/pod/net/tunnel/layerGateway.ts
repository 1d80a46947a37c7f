import net from 'node:net';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import type { Logger } from '../../../base/logger.js';
import type { MemoryLimit } from '../../core/guard/memoryLimit.js';
import { guardedPipe } from './guardedPipe.js';
import type { PeerStream } from '../peers/peerStream.js';

const tokenBytes = 32;
/** How long the token and the way to the layer server may take, in milliseconds. */
const joinLimitMs = 5_000;

export interface LayerGatewayOptions {
  readonly connection: Pick<PeerStream, 'socket'>;
  /** Of the present lease: 32 bytes in hexadecimal. */
  readonly token: string;
  /** Of the layer server on loopback. */
  readonly port: number;
  /** Shared by all connections of the lease. */
  readonly limit: MemoryLimit;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes came from the coordinator: it lives. */
  onHeard?(): void;
  /** A tensor is about to be kept in the weight cache: its hash and its size in bytes. */
  onWeights?(hash: string, bytes: number): void;
  /** The connection has ended, whoever ended it. */
  onClosed?(): void;
}

/** The lender's end of a `layers` connection: once the token is right, ggml's RPC goes through the guard to the layer server. */
export function serveLayers(options: LayerGatewayOptions): Disposable {
  const { connection, clock, log } = options;
  const peer = connection.socket;
  const store = new DisposableStore();
  store.add(toDisposable(() => options.onClosed?.()));
  const refuse = (reason: string): void => {
    if (store.disposed) return;
    log.info(`connection for layers ended: ${reason}`);
    store.dispose();
  };
  peer.on('error', () => undefined);
  store.add(toDisposable(() => peer.destroy()));

  const join = (rest: Buffer): void => {
    if (rest.length > 0) peer.unshift(rest);
    const server = net.connect({ host: '127.0.0.1', port: options.port, noDelay: true });
    store.add(toDisposable(() => server.destroy()));
    server.on('error', (error) => refuse(`layer server: ${error.message}`));
    server.once('connect', () => {
      if (store.disposed) return;
      store.release(slow);
      store.add(
        guardedPipe({
          client: peer,
          server,
          rules: {
            memory: () => ({ free: options.limit.bytes - options.limit.used, total: options.limit.bytes }),
            limit: options.limit,
            now: () => clock.now(),
            onWeights: (hash, bytes) => options.onWeights?.(hash, bytes),
          },
          onSent: () => options.onHeard?.(),
          onEnd: (by, reason) => refuse(by === 'client' ? reason : `layer server: ${reason}`),
        }),
      );
    });
  };

  const slow = store.add(clock.setTimeout(() => refuse('no token, or no layer server, in time'), joinLimitMs));
  let received = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < tokenBytes) return;
    peer.off('data', onData).off('close', onClose);
    peer.pause();
    if (sameToken(received.subarray(0, tokenBytes), options.token)) join(received.subarray(tokenBytes));
    else refuse('wrong token');
  };
  const onClose = (): void => refuse('closed before the token');
  peer.on('data', onData).on('close', onClose).resume();
  return store;
}

function sameToken(received: Buffer, expected: string): boolean {
  const digest = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  return timingSafeEqual(digest(received), digest(Buffer.from(expected, 'hex')));
}
