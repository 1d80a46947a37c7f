import { PassThrough } from 'node:stream';
import type { ByteStreams } from '../../src/engine/protocol/streamConnection.js';

/** Two connected ends in memory. When one closes, the other reads what was written before and then hears of it, as with a socket. */
export function streamPair(): readonly [ByteStreams, ByteStreams] {
  const there = new PassThrough();
  const back = new PassThrough();
  const close = (): void => {
    there.end();
    back.end();
  };
  return [
    { input: back, output: there, close },
    { input: there, output: back, close },
  ];
}
