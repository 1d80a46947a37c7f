import { totalBytes } from '../../../base/totalBytes.js';

export interface CachedFile {
  readonly name: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** The files to remove so that the rest is within `limit` bytes: the least recently used ones. */
export function surplusFiles(files: readonly CachedFile[], limit: number): CachedFile[] {
  let excess = totalBytes(files) - limit;
  const surplus: CachedFile[] = [];
  for (const file of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (excess <= 0) break;
    surplus.push(file);
    excess -= file.bytes;
  }
  return surplus;
}
