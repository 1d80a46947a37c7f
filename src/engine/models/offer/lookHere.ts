import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import type { ModelSource } from '../../protocol/modelTypes.js';
import { catalogue, fileOf } from '../catalogue/catalogue.js';
import type { OfferedModel } from '../fit/buildOffers.js';
import { checkModelFile } from '../gguf/modelFile.js';
import { firstFile, type InstalledRecord } from '../store/installedModels.js';
import { isVerified } from '../store/installedView.js';
import { fromCatalogue, fromHeaders, type InstalledFile } from './offeredModel.js';

/** The file that an address of `file:` means. @throws EngineError `modelUnreadable` for one of another machine */
export function fileAt(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new EngineError({ code: 'modelUnreadable', path: url, reason: 'it is no address of a file on this machine, as file:///models/a.gguf is' }, { cause: error });
  }
}

/** A model on this machine, by its headers. `record` is what the list has of it. @throws EngineError as `checkModelFile` */
export async function lookHere(file: string, record: InstalledRecord | null, signal: AbortSignal): Promise<OfferedModel> {
  const { headers, fileBytes } = await checkModelFile(file, signal);
  const source: ModelSource = record?.source ?? { kind: 'url', url: pathToFileURL(file).href };
  const offered = fromHeaders({
    source,
    fileName: path.basename(file),
    headers,
    bytes: fileBytes,
    verified: record !== null && isVerified(record),
    installed: record === null ? null : { id: record.id, path: firstFile(record) },
  });
  return record === null ? offered : { ...offered, name: record.name, roles: record.roles, fim: record.fim };
}

/** All models of the catalogue; what is known of their files that are here is read from them. @throws EngineError `cancelled` */
export async function lookAtCatalogue(records: readonly InstalledRecord[], signal: AbortSignal): Promise<OfferedModel[]> {
  const here = new Map<string, InstalledFile>();
  for (const record of records) {
    throwIfAborted(signal);
    const file = record.source === null ? null : fileOf(record.source);
    if (file === null) continue;
    const shape = await checkModelFile(firstFile(record), signal).then(({ headers }) => ({ kind: 'headers', headers }) as const, () => null);
    here.set(keyOf(file), { id: record.id, path: firstFile(record), shape });
  }
  return catalogue.models.map((model) => fromCatalogue(model, (source) => here.get(keyOf(fileOf(source))) ?? null));
}

/** Files of the catalogue are one file if their first parts are. */
function keyOf(file: { readonly repository: string; readonly parts: readonly { readonly file: string }[] } | null): string {
  return file === null ? '' : `${file.repository}/${file.parts[0]?.file}`;
}
