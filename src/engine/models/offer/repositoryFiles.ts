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
  const fits = matcher(pattern);
  const byName = new Map(entries.map((entry) => [entry.file, entry]));
  return [...byName.keys()]
    .filter((file) => /\.gguf$/i.test(file) && !noModel.test(file) && fits(file))
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

/** Goes through a name once for all stars: a regular expression with many of them can take forever over a name that somebody has made for it. */
function matcher(pattern: string): (file: string) => boolean {
  const [start = '', ...texts] = pattern.toLowerCase().split('*');
  const end = texts.pop();
  return (file) => {
    const name = file.toLowerCase();
    if (end === undefined) return name === start;
    if (!name.startsWith(start) || !name.endsWith(end)) return false;
    let at = start.length;
    for (const text of texts) {
      const found = name.indexOf(text, at);
      if (found < 0) return false;
      at = found + text.length;
    }
    return at <= name.length - end.length;
  };
}
