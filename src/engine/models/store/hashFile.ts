import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfAborted } from '../../base/async.js';
import { EngineError, hasErrorCode } from '../../base/errors.js';

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
    if (EngineError.is(error)) throw error;
    const failure = hasErrorCode(error, 'ENOENT', 'ENOTDIR')
      ? ({ code: 'modelNotFound', path: file } as const)
      : ({ code: 'modelUnreadable', path: file, reason: error instanceof Error ? error.message : String(error) } as const);
    throw new EngineError(failure, { cause: error });
  }
  return hash.digest('hex');
}
