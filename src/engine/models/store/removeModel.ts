import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../../base/errors.js';
import type { InstalledRecord } from './installedModels.js';

/** Deletes the files of a downloaded model, and the folder that was made for them when nothing else is in it. @throws EngineError `storageFailed` */
export async function deleteFiles({ files }: InstalledRecord): Promise<void> {
  for (const { path: file } of files) {
    try {
      await fs.rm(file, { force: true });
    } catch (error) {
      throw new EngineError({ code: 'storageFailed', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
    }
  }
  const [first] = files;
  // It holds something else, then.
  if (first !== undefined) await fs.rmdir(path.dirname(first.path)).catch(() => undefined);
}
