import { totalBytes } from '../../base/totalBytes.js';
import type { InstalledModel } from '../../protocol/modelTypes.js';
import { hashFile } from './hashFile.js';
import type { InstalledPart, InstalledRecord } from './installedModels.js';

/** What the checksums of all parts say together. */
export function checksumOf(parts: readonly InstalledPart[]): InstalledModel['checksum'] {
  if (parts.some(({ published, actual }) => published !== null && actual !== null && published !== actual)) return 'differs';
  if (parts.some(({ actual }) => actual === null)) return 'unchecked';
  return parts.every(({ published }) => published !== null) ? 'matches' : 'unconfirmed';
}

/** Of a large model there are tens of thousands of chunks. */
const leastStep = 0.002;

/** Hashes all parts. `onProgress` hears how much is done, from 0 to 1. @throws EngineError `modelNotFound`, `modelUnreadable`, `cancelled` */
export async function verifyModel(record: InstalledRecord, onProgress: (progress: number) => void, signal: AbortSignal): Promise<InstalledRecord> {
  const total = totalBytes(record.files);
  let hashed = 0;
  let told = 0;
  const files: InstalledPart[] = [];
  for (const part of record.files) {
    const read = (bytes: number): void => {
      hashed += bytes;
      const progress = Math.min(1, hashed / Math.max(1, total));
      if (progress - told < leastStep && progress < 1) return;
      told = progress;
      onProgress(progress);
    };
    files.push({ ...part, actual: await hashFile(part.path, read, signal) });
  }
  return { ...record, files, checksum: checksumOf(files) };
}
