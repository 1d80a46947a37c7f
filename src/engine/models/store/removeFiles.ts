import fs from 'node:fs/promises';
import { EngineError } from '../../base/errors.js';

/** Deletes files of a folder, and the folder when nothing else is in it. @throws EngineError `storageFailed` */
export async function removeFiles(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await fs.rm(file, { force: true });
    } catch (error) {
      throw new EngineError({ code: 'storageFailed', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
    }
  }
  // It holds something else, then.
  await fs.rmdir(folder).catch(() => undefined);
}
