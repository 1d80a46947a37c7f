import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { EngineError } from '../../base/errors.js';
import type { ModelSource, NetworkOptions } from '../../protocol/modelTypes.js';
import { urlOf } from '../catalogue/addresses.js';
import { entryOf } from '../catalogue/catalogue.js';
import { quantizationInName } from '../gguf/quantization.js';
import { licenceOf } from '../catalogue/licences.js';
import type { DownloadPart, DownloadRecord } from './downloadRecord.js';
import { exists, fileNameOf, folderOf, freeFolder, samePlace } from './target.js';

/** What is there already, so that nothing of it is written over. */
export interface Neighbours {
  readonly downloads: readonly DownloadRecord[];
  /** Whether a file is the one that a source gives, so that it is to be checked and not fetched again. */
  isOf(file: string, source: ModelSource): boolean;
}

/**
 * A download of a source into a folder of its own below `directory`.
 * @throws EngineError `unknownModel`, `notOnServer`, `storageFailed`, and `licenceNotAccepted` unless a restricted licence is named as accepted
 */
export async function planDownload(source: ModelSource, acceptedLicence: string | null, network: Pick<NetworkOptions, 'endpoint'>, directory: string, neighbours: Neighbours): Promise<DownloadRecord> {
  const urls = urlOf(source, network.endpoint);
  if (source.kind === 'url' && !/^https?:/.test(source.url)) throw new EngineError({ code: 'notOnServer', url: source.url });
  const entry = entryOf(source);
  const licence = entry === null ? null : licenceOf(entry.model);
  if (entry !== null && licence?.restricted === true && acceptedLicence !== licence.id) {
    throw new EngineError({ code: 'licenceNotAccepted', model: entry.model.name, licence: licence.name });
  }
  const names = urls.map(fileNameOf);
  const parts: DownloadPart[] = names.map((name, index) => ({ name, bytes: entry?.file.parts[index]?.bytes ?? null, sha256: entry?.file.parts[index]?.sha256 ?? null }));
  const taken = async (file: string): Promise<boolean> =>
    neighbours.downloads.some((other) => other.parts.some(({ name }) => samePlace(path.join(other.folder, name), file))) || ((await exists(file)) && !neighbours.isOf(file, source));
  const folder = await freeFolder(path.join(directory, ...folderOf(source)), names, taken);
  const first = names[0] ?? '';
  return {
    id: randomUUID(),
    name: (entry?.model.name ?? first.replace(/(?:-\d{5}-of-\d{5})?\.gguf$/i, '')).slice(0, 256),
    quantization: entry?.file.quantization ?? quantizationInName(first),
    source,
    folder,
    parts,
    acceptedLicence,
    state: { state: 'queued' },
  };
}

/** Whether two sources are the same file. */
export function sameSource(a: ModelSource, b: ModelSource): boolean {
  const [entryA, entryB] = [entryOf(a), entryOf(b)];
  return entryA !== null ? entryA.file === entryB?.file : JSON.stringify(a) === JSON.stringify(b);
}
