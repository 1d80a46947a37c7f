import { fitsWildcard } from '../../base/wildcard.js';
import type { HubEntry } from '../fetch/listRepository.js';
import { splitName } from '../gguf/splitName.js';

/** A model of a repository: one file, or the parts that are one. */
export interface RepositoryModel {
  /** Path of the first part. */
  readonly file: string;
  readonly bytes: number;
  readonly parts: number;
  /** Whether the checksums of all parts are published. */
  readonly verified: boolean;
}

/** What lies beside models: projectors for pictures, and matrices for quantizing. */
const noModel = /mmproj|imatrix/i;

/** The models among the files of a repository whose path fits a pattern, in which `*` is anything; the smallest first. */
export function repositoryModels(entries: readonly HubEntry[], pattern: string): RepositoryModel[] {
  const byName = new Map(entries.map((entry) => [entry.file, entry]));
  return [...byName.keys()]
    .filter((file) => /\.gguf$/i.test(file) && !noModel.test(file) && fitsWildcard(pattern, file))
    .flatMap((file) => {
      const split = splitName(file);
      if (split !== null && split.index !== 1) return [];
      const parts = (split?.names ?? [file]).map((name) => byName.get(name));
      // Some of the parts are not there: it cannot be run.
      if (parts.includes(undefined)) return [];
      return [{ file, bytes: parts.reduce((sum, part) => sum + (part?.bytes ?? 0), 0), parts: parts.length, verified: parts.every((part) => typeof part?.sha256 === 'string') }];
    })
    .toSorted((a, b) => a.bytes - b.bytes);
}
