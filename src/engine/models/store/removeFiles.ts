import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../../base/errors.js';

/** Deletes files of one folder, and the folder when nothing else is in it. @throws EngineError `storageFailed` */
export async function removeFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await fs.rm(file, { force: true });
    } catch (error) {
      throw new EngineError({ code: 'storageFailed', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
    }
  }
  const [first] = files;
  // It holds something else, then.
  if (first !== undefined) await fs.rmdir(path.dirname(first)).catch(() => undefined);
}
