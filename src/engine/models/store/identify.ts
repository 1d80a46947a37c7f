import { catalogue } from '../catalogue/catalogue.js';
import { checksumOf } from './checksums.js';
import type { InstalledRecord } from './installedModels.js';

/**
 * A model that was hashed, with what the catalogue says of it: a file of the user's that has the checksums of one of the catalogue's is
 * that one, whatever its name.
 */
export function identified(record: InstalledRecord): InstalledRecord {
  if (record.source !== null) return record;
  const sums = record.files.map(({ actual }) => actual);
  for (const model of catalogue.models) {
    const file = model.files.find(({ parts }) => parts.length === sums.length && parts.every(({ sha256 }, index) => sha256 !== null && sha256 === sums[index]));
    if (file === undefined) continue;
    const files = record.files.map((part) => ({ ...part, published: part.actual }));
    return { ...record, name: model.name, quantization: file.quantization, roles: model.roles, fim: model.fim, source: { kind: 'catalogue', model: model.id, file: file.id }, files, checksum: checksumOf(files) };
  }
  return record;
}
