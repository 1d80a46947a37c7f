import fs from 'node:fs/promises';
import { EngineError, hasErrorCode } from '../../base/errors.js';
import { checkModelFile } from '../gguf/modelFile.js';
import { checksumOf } from './checksums.js';
import { describeModel } from './describeModel.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/**
 * What the list says of a file on this machine: checked with all its parts, left where it is.
 * @throws EngineError as `checkModelFile`
 */
export async function readModel(file: string, origin: InstalledRecord['origin'], signal: AbortSignal): Promise<InstalledRecord> {
  const place = await realPath(file);
  const model = await checkModelFile(place, signal);
  const files: InstalledPart[] = model.parts.map((part) => ({ ...part, published: null, actual: null }));
  return describeModel(place, model, { origin, source: null, files });
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

/** What was read now, with what is known from before of the same file: a file of another length is another one. */
export function withKnown(read: InstalledRecord, present: InstalledRecord): InstalledRecord {
  const files = read.files.map((part) => present.files.find(({ path, bytes }) => path === part.path && bytes === part.bytes) ?? part);
  return { ...read, name: present.name, origin: present.origin, source: present.source, files, checksum: checksumOf(files) };
}
