import fs from 'node:fs/promises';
import * as v from 'valibot';
import { EngineError } from '../../base/errors.js';
import { readPrivateFile, replacePrivateFile } from '../../base/privateFile.js';
import type { Interval } from './intervals.js';

const offset = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const journalSchema = v.object({
  format: v.literal(1),
  bytes: offset,
  identity: v.nullable(v.string()),
  received: v.pipe(v.array(v.tuple([offset, offset])), v.maxLength(10_000)),
});

/** Which file a part belongs to. Parts of one file must not be completed with bytes of another. */
export interface FileIdentity {
  readonly bytes: number;
  /** Its checksum, or what the server calls its version; `null` where there is neither, so that nothing can be gone on with. */
  readonly identity: string | null;
}

const mostBytes = 1_024 * 1_024;

export function journalPath(part: string): string {
  return `${part}.journal`;
}

/**
 * Which bytes of a part are there; none if the journal is of another file, damaged, or says what cannot be. It holds only what
 * is on the disk already, so that a loss of power costs seconds of the download and nothing else.
 */
export async function readJournal(part: string, file: FileIdentity): Promise<readonly Interval[]> {
  const text = await readPrivateFile(journalPath(part), mostBytes).catch((error: unknown) => {
    if (EngineError.is(error, 'fileUnreadable')) return null;
    throw error;
  });
  const facts = await fs.stat(part).catch(() => null);
  if (text === null || facts === null || file.identity === null) return [];
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), journalSchema), text);
  if (!parsed.success || parsed.output.bytes !== file.bytes || parsed.output.identity !== file.identity) return [];
  const received = parsed.output.received.map(([from, to]) => ({ from, to }));
  const inOrder = received.every(({ from, to }, index) => from < to && from >= (received[index - 1]?.to ?? 0) && to <= file.bytes && to <= facts.size);
  return inOrder ? received : [];
}

/** @throws EngineError `diskFull`, `storageFailed` */
export async function writeJournal(part: string, { bytes, identity }: FileIdentity, received: readonly Interval[]): Promise<void> {
  const journal: v.InferInput<typeof journalSchema> = { format: 1, bytes, identity, received: received.map(({ from, to }) => [from, to]) };
  await replacePrivateFile(journalPath(part), JSON.stringify(journal));
}
