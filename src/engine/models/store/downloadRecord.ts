import path from 'node:path';
import * as v from 'valibot';
import { readKeptJson, writeKeptJson } from '../../base/keptJson.js';
import { failureSchema } from '../../protocol/failureSchema.js';
import { modelSourceSchema, sha256Schema } from '../../protocol/modelTypes.js';

const label = v.pipe(v.string(), v.maxLength(256));
const partSchema = v.object({
  /** In the record's folder. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(256), v.regex(/^[^/\\]+$/)),
  /** `null` until it is known. */
  bytes: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  /** What it should have; `null` where nobody says so. */
  sha256: v.nullable(sha256Schema),
  /** What this download has fetched it as, noted before it gets its name, so that it is known again by the next daemon. */
  fetched: v.exactOptional(sha256Schema),
});
export type DownloadPart = v.InferOutput<typeof partSchema>;

const recordSchema = v.object({
  id: v.pipe(label, v.minLength(1)),
  name: label,
  quantization: label,
  source: modelSourceSchema,
  /** Where the files go. */
  folder: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
  parts: v.pipe(v.array(partSchema), v.minLength(1), v.maxLength(1_000)),
  /** Id of the licence that the user has accepted for it. */
  acceptedLicence: v.nullable(label),
  /** A download that runs is `queued` here, so that the next daemon goes on with it. */
  state: v.variant('state', [
    v.object({ state: v.literal('queued') }),
    v.object({ state: v.literal('paused') }),
    /** `again`: it found no network and is tried again by itself, also by the next daemon. */
    v.object({ state: v.literal('failed'), failure: failureSchema, again: v.exactOptional(v.boolean()) }),
  ]),
});
/** A download as it is kept: what is wanted, and where it goes. How much is there is said by the files. */
export type DownloadRecord = v.InferOutput<typeof recordSchema>;

const fileSchema = v.object({ version: v.literal(1), downloads: v.pipe(v.array(recordSchema), v.maxLength(1_024)) });
const maxBytes = 16 * 1_024 * 1_024;

const fileIn = (directory: string): string => path.join(directory, 'downloads.json');

/** The downloads that are not done, in their order. `keptAs` is where a damaged list was set aside. @throws EngineError `fileUnreadable`, `storageFailed` */
export async function readDownloads(directory: string): Promise<{ readonly records: readonly DownloadRecord[]; readonly keptAs: string | null }> {
  const { value, keptAs } = await readKeptJson(fileIn(directory), fileSchema, maxBytes);
  return { records: value?.downloads ?? [], keptAs };
}

/** @throws EngineError `diskFull`, `storageFailed` */
export function writeDownloads(directory: string, records: readonly DownloadRecord[]): Promise<void> {
  return writeKeptJson(fileIn(directory), { version: 1, downloads: records });
}
