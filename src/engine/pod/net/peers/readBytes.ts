import type { Socket } from 'node:net';
import { EngineError } from '../../../base/errors.js';

/** Takes exactly so many bytes and leaves the rest to whoever reads next. @throws EngineError `connectionLost` when it ends before */
export function readBytes(socket: Socket, count: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const leave = (): void => void socket.off('readable', take).off('end', lost).off('close', lost).off('error', lost);
    const lost = (): void => {
      leave();
      reject(new EngineError({ code: 'connectionLost' }));
    };
    const take = (): void => {
      const bytes: unknown = socket.read(count);
      if (!(bytes instanceof Uint8Array)) return;
      leave();
      // At its end a stream gives what is left.
      if (bytes.length === count) resolve(bytes);
      else lost();
    };
    socket.on('readable', take).on('end', lost).on('close', lost).on('error', lost);
    if (socket.destroyed) lost();
    else take();
  });
}
