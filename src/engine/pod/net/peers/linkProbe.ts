import type { Socket } from 'node:net';
import { deferred, raceAbort } from '../../../base/async.js';
import { systemClock } from '../../../base/clock.js';
import { DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError } from '../../../base/errors.js';
import { median } from '../../../base/median.js';
import { readUint64, writeUint64 } from '../../core/guard/littleEndian.js';
import type { PeerStream } from './peerStream.js';

// On a `link` connection the sender sends zeros, and the receiver counts: after each `countEvery` bytes it says how many there were,
// as 8 bytes, little-endian. So the sender learns what has arrived, whatever still stands in the buffers in between.

const pings = 9;
const mostBytes = 64 * 1_024 * 1_024;
const sendMs = 300;
/** The receiver's bounds leave room for the sender's clock and for what was under way. */
const receiverMs = 2_000;
const countEvery = 64 * 1_024;
const block = new Uint8Array(128 * 1_024);

/**
 * Measures a connection to a machine. `ping` asks it something small over the control connection.
 * @returns the round trip in seconds, the median of several, and the throughput in bytes per second.
 */
export async function measureLink(
  connect: (signal: AbortSignal) => Promise<Pick<PeerStream, 'socket'>>,
  ping: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<{ roundTrip: number; throughput: number }> {
  const times: number[] = [];
  for (let i = 0; i < pings; i++) {
    const start = performance.now();
    await raceAbort(ping(signal), signal);
    times.push((performance.now() - start) / 1_000);
  }
  const { socket } = await connect(signal);
  const throughput = await raceAbort(send(socket), signal).finally(() => socket.destroy());
  return { roundTrip: median(times) ?? 0, throughput };
}

async function send(socket: Socket): Promise<number> {
  const store = new DisposableStore();
  const over = deferred<void>();
  const counts: { readonly at: number; readonly bytes: number }[] = [];
  let received = new Uint8Array();
  let sent = 0;
  const fill = (): void => {
    while (sent < mostBytes && !store.disposed) {
      sent += block.length;
      if (!socket.write(block)) return;
    }
  };
  const onData = (chunk: Uint8Array): void => {
    received = Buffer.concat([received, chunk]);
    const at = received.length - (received.length % 8) - 8;
    if (at < 0) return;
    counts.push({ at: performance.now(), bytes: readUint64(received, at) });
    received = received.slice(at + 8);
    if (counts.at(-1)?.bytes === mostBytes) over.resolve();
  };
  const onEnd = (): void => over.resolve();
  socket.setNoDelay(true);
  socket.on('data', onData).on('drain', fill).on('error', onEnd).on('close', onEnd);
  store.add(toDisposable(() => socket.off('data', onData).off('drain', fill).off('close', onEnd)));
  store.add(systemClock.setTimeout(onEnd, sendMs));
  try {
    const start = performance.now();
    fill();
    await over.promise;
    const [first, last] = [counts[0], counts.at(-1)];
    if (first === undefined || last === undefined || last.bytes > sent) throw new EngineError({ code: 'connectionLost' });
    // Between two counts there is no round trip, and no start of the connection, to be taken for slowness.
    return last.at > first.at ? ((last.bytes - first.bytes) * 1_000) / (last.at - first.at) : (last.bytes * 1_000) / (last.at - start);
  } finally {
    store.dispose();
  }
}

/** The receiving end, bounded in bytes and in time whatever the sender does. */
export function serveLinkProbe({ socket }: Pick<PeerStream, 'socket'>): void {
  let bytes = 0;
  let counted = 0;
  const timer = systemClock.setTimeout(() => socket.destroy(), receiverMs);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.once('close', () => timer.dispose());
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    if (bytes > mostBytes) socket.destroy();
    if (bytes - counted < countEvery && bytes < mostBytes) return;
    counted = bytes;
    socket.write(writeUint64(bytes));
  });
}
