import fs from 'node:fs/promises';
import { storageFailure } from '../../base/errors.js';

/** Deletes files of a folder, and the folder when nothing else is in it. @throws EngineError `diskFull`, `storageFailed` */
export async function removeFiles(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await fs.rm(file, { force: true });
    } catch (error) {
      throw storageFailure(file, error);
    }
  }
  // It holds something else, then.
  await fs.rmdir(folder).catch(() => undefined);
}
