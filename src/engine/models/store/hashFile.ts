import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { unreadableModel } from '../gguf/unreadableModel.js';

const chunkBytes = 1_024 * 1_024;

/**
 * SHA-256 of a file. `onBytes` hears how many more have been read.
 * @throws EngineError `modelNotFound`, `modelUnreadable`, `cancelled`
 */
export async function hashFile(file: string, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
      throwIfAborted(signal);
      const bytes: Buffer = chunk;
      hash.update(bytes);
      onBytes(bytes.length);
    }
  } catch (error) {
    throw EngineError.is(error) ? error : unreadableModel(file, error);
  }
  return hash.digest('hex');
}
