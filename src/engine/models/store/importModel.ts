import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { checkModelFile } from '../gguf/modelFile.js';
import { splitName } from '../gguf/splitName.js';
import { unreadableModel } from '../gguf/unreadableModel.js';
import { checksumOf } from './checksums.js';
import { describeModel } from './describeModel.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/**
 * What the list says of a file on this machine: checked with all its parts, left where it is. Any part stands for the whole model.
 * @throws EngineError as `checkModelFile`
 */
export async function readModel(file: string, origin: InstalledRecord['origin'], signal: AbortSignal): Promise<InstalledRecord> {
  const place = path.resolve(splitName(file)?.names[0] ?? file);
  const id = await modelIdOf(place);
  const model = await checkModelFile(place, signal);
  const files: InstalledPart[] = model.parts.map((part) => ({ ...part, published: null, actual: null }));
  return describeModel(place, model, { id, origin, source: null, files });
}

/**
 * The id of a model in the list: that of the place of its first file, links resolved, so that two names of it are one model. Its
 * files are named as they were given: links are how other programs name the parts of theirs.
 * @throws EngineError `modelNotFound`, `modelUnreadable`
 */
export async function modelIdOf(file: string): Promise<string> {
  try {
    return createHash('sha256').update(await fs.realpath(file)).digest('hex').slice(0, 16);
  } catch (error) {
    throw unreadableModel(file, error);
  }
}

/**
 * What was read now, with what is known from before of the same file: a file of another length is another one. A download keeps the
 * place that it was given, so that removing it never removes a link to it instead.
 */
export function withKnown(read: InstalledRecord, present: InstalledRecord): InstalledRecord {
  const own = present.origin === 'downloaded' && read.files.length === present.files.length;
  const files = read.files.map((part, index) => {
    const placed = own ? { ...part, path: present.files[index]?.path ?? part.path } : part;
    return present.files.find((before) => before.path === placed.path && before.bytes === placed.bytes) ?? placed;
  });
  return { ...read, name: present.name, origin: present.origin, source: present.source, files, checksum: checksumOf(files) };
}
