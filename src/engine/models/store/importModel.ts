import fs from 'node:fs/promises';
import { EngineError, hasErrorCode } from '../../base/errors.js';
import { checkModelFile } from '../gguf/modelFile.js';
import { describeModel } from './describeModel.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/**
 * What the list says of a file on this machine: checked with all its parts, left where it is.
 * @throws EngineError as `checkModelFile`
 */
export async function readModel(file: string, origin: 'bundled' | 'imported', signal: AbortSignal): Promise<InstalledRecord> {
  const place = await realPath(file);
  const model = await checkModelFile(place, signal);
  const parts: InstalledPart[] = model.parts.map(({ path, bytes }) => ({ path, bytes, published: null, actual: null }));
  return describeModel(place, model, parts, { origin, source: null });
}

/** The file itself, so that two names of it are one model. */
async function realPath(file: string): Promise<string> {
  try {
    return await fs.realpath(file);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) throw new EngineError({ code: 'modelNotFound', path: file }, { cause: error });
    throw new EngineError({ code: 'modelUnreadable', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}
