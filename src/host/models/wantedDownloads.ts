import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import type { Failure } from '../../engine/base/errors.js';
import { roleSchema } from '../../engine/protocol/failureSchema.js';
import { type InstalledModel, modelSourceSchema, type ModelsStatus } from '../../engine/protocol/modelTypes.js';

/** A download that a window asked for, and what its model is to be used for. */
export const wishSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  name: v.pipe(v.string(), v.maxLength(256)),
  source: modelSourceSchema,
  role: roleSchema,
  /** Known to fit on this machine. */
  fitsHere: v.boolean(),
});

export interface WantedDownload extends v.InferOutput<typeof wishSchema> {
  /** Whether a status has listed it: the first ones after it was asked for may be older than the question. */
  readonly listed: boolean;
}

/** What has become of a wanted download. `waiting`: no status has listed it yet. `gone`: somebody cancelled it. */
export type DownloadOutcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running' }
  /** `again`: it is tried again by itself. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly again: boolean }
  | { readonly kind: 'installed'; readonly model: InstalledModel }
  | { readonly kind: 'gone' };

/** What the status says of a wanted download. */
export function outcomeOf({ id, source, listed }: WantedDownload, { downloads, installed }: ModelsStatus): DownloadOutcome {
  const download = downloads.find((candidate) => candidate.id === id);
  if (download !== undefined) return download.status.state === 'failed' ? { kind: 'failed', failure: download.status.failure, again: download.status.againAt !== undefined } : { kind: 'running' };
  const model = installed.find((candidate) => !candidate.missing && candidate.source !== null && isDeepStrictEqual(candidate.source, source));
  if (model !== undefined) return { kind: 'installed', model };
  return { kind: listed ? 'gone' : 'waiting' };
}
