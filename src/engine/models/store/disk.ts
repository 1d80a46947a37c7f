import fs from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../../base/errors.js';

/** Bytes that can still be written in a folder, which need not be there yet; 0 where the system does not say. */
export async function freeDiskBytes(directory: string): Promise<number> {
  for (let place = path.resolve(directory); ; place = path.dirname(place)) {
    try {
      const { bavail, bsize } = await fs.statfs(place);
      return bavail * bsize;
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT', 'ENOTDIR') || place === path.dirname(place)) return 0;
    }
  }
}

/** Whether all files are there with the length they should have. */
export async function allThere(files: readonly { readonly path: string; readonly bytes: number }[]): Promise<boolean> {
  for (const { path: file, bytes } of files) {
    const facts = await fs.stat(file).catch(() => null);
    if (facts === null || !facts.isFile() || facts.size !== bytes) return false;
  }
  return true;
}

/** What a file takes of the disk, which is less than its length while it has holes; 0 where there is none. */
export async function allocatedBytes(file: string): Promise<number> {
  const facts = await fs.stat(file).catch(() => null);
  if (facts === null) return 0;
  // Not every system says.
  return Number.isFinite(facts.blocks) ? Math.min(facts.size, facts.blocks * 512) : facts.size;
}
