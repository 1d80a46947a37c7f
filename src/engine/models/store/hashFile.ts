import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { openRegularFile, type RegularFile } from '../../base/regularFile.js';
import { unreadableModel } from '../gguf/unreadableModel.js';

const chunkBytes = 1_024 * 1_024;

/**
 * SHA-256 of a file. `onBytes` hears how many more have been read.
 * @throws EngineError `modelNotFound`, `modelUnreadable`, `cancelled`
 */
export async function hashFile(file: string, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  let opened: RegularFile | null = null;
  try {
    opened = await openRegularFile(file);
    for await (const chunk of opened.handle.createReadStream({ highWaterMark: chunkBytes, autoClose: false })) {
      throwIfAborted(signal);
      const bytes: Buffer = chunk;
      hash.update(bytes);
      onBytes(bytes.length);
    }
  } catch (error) {
    throw EngineError.is(error) ? error : unreadableModel(file, error);
  } finally {
    await opened?.handle.close();
  }
  return hash.digest('hex');
}
