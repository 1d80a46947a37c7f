import { totalBytes } from '../../base/totalBytes.js';
import type { InstalledModel } from '../../protocol/modelTypes.js';
import { withVerification } from '../gguf/traps.js';
import { firstFile, type InstalledRecord } from './installedModels.js';

/** Whether its bytes are known to be the right ones: what ships inside is. */
export function isVerified({ checksum, origin }: Pick<InstalledRecord, 'checksum' | 'origin'>): boolean {
  return checksum === 'matches' || origin === 'bundled';
}

/** A model of the list for the user. */
export function installedView({ files, traps, ...record }: InstalledRecord, missing: boolean): InstalledModel {
  return {
    ...record,
    path: firstFile({ files, traps, ...record }),
    bytes: totalBytes(files),
    parts: files.length,
    traps: withVerification(traps, isVerified(record)),
    missing,
  };
}
