import type { InstalledModel } from '../../protocol/modelTypes.js';
import { firstFile, type InstalledRecord } from './installedModels.js';

/** A model of the list for the user. */
export function installedView({ files, traps, ...record }: InstalledRecord, missing: boolean): InstalledModel {
  const verified = record.checksum === 'matches' || record.origin === 'bundled';
  return {
    ...record,
    path: firstFile({ files, traps, ...record }),
    bytes: files.reduce((sum, part) => sum + part.bytes, 0),
    parts: files.length,
    traps: verified ? traps : [...traps, 'unverified'],
    missing,
  };
}
