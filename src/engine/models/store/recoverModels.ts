import fs from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '../../base/errors.js';
import { splitName } from '../gguf/splitName.js';
import { readModel } from './importModel.js';
import type { InstalledRecord } from './installedModels.js';

/** Downloads lie two folders deep. */
const mostDepth = 3;
const mostModels = 1_000;

/** The models below a folder, for a list that was lost: what cannot be read is left out. @throws EngineError `cancelled` */
export async function findModels(folder: string, signal: AbortSignal): Promise<InstalledRecord[]> {
  const found: InstalledRecord[] = [];
  for await (const file of modelFiles(folder, mostDepth)) {
    if (found.length >= mostModels) break;
    try {
      found.push(await readModel(file, 'downloaded', signal));
    } catch (error) {
      if (EngineError.is(error, 'cancelled')) throw error;
    }
  }
  return found;
}

/** Files that may be models, of several parts the first one. */
async function* modelFiles(folder: string, depth: number): AsyncGenerator<string> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) yield* modelFiles(file, depth - 1);
    else if (entry.isFile() && /\.gguf$/i.test(entry.name) && (splitName(entry.name)?.index ?? 1) === 1) yield file;
  }
}
