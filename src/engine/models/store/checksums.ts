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

/** A file as it was hashed. */
export type HashedFile = Pick<InstalledPart, 'path' | 'bytes'> & { readonly actual: string };

/** Hashes all parts. `onProgress` hears how much is done, from 0 to 1. @throws EngineError `modelNotFound`, `modelUnreadable`, `cancelled` */
export async function hashModel({ files }: InstalledRecord, onProgress: (progress: number) => void, signal: AbortSignal): Promise<HashedFile[]> {
  const total = totalBytes(files);
  let hashed = 0;
  let told = 0;
  const done: HashedFile[] = [];
  for (const { path, bytes } of files) {
    const read = (more: number): void => {
      hashed += more;
      const progress = Math.min(1, hashed / Math.max(1, total));
      if (progress - told < leastStep && progress < 1) return;
      told = progress;
      onProgress(progress);
    };
    done.push({ path, bytes, actual: await hashFile(path, read, signal) });
  }
  return done;
}

/** A model with what its files were hashed to; others that are there by now are left as they are. */
export function withSums(record: InstalledRecord, hashed: readonly HashedFile[]): InstalledRecord {
  const files = record.files.map((part) => ({ ...part, actual: hashed.find(({ path, bytes }) => path === part.path && bytes === part.bytes)?.actual ?? part.actual }));
  return { ...record, files, checksum: checksumOf(files) };
}
