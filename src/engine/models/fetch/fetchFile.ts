import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { Fetching } from './fetching.js';
import type { FetchRequest, FetchTuning } from './fetchRequest.js';
import { type FileIdentity, readJournal } from './journal.js';
import { discardPart, openOnDisk, PartFile } from './partFile.js';
import type { RangeSource } from './rangeSource.js';

/**
 * Fetches a file in parallel pieces and verifies it while it comes. When it resolves, `part` is the whole file, on the disk, with
 * the checksum that was asked for; `placePart` gives it its name.
 * @throws EngineError what the last source failed with, and `downloadBroken`, `checksumMismatch` (the part is gone then), `diskFull`,
 * `storageFailed`, `cancelled`
 */
export async function fetchFile(request: FetchRequest, tuning: FetchTuning = {}): Promise<{ readonly sha256: string }> {
  const sources = usable(request);
  const { sha256, used } = await fetchOnce(request, sources, tuning);
  if (request.sha256 === null || request.sha256 === sha256) return { sha256 };
  // Nobody can say which piece is wrong.
  await discardPart(request.part);
  const others = notToBlame(sources, used);
  // A machine with a damaged file must not stand in the way of a server that has the right one.
  if (others.length > 0) return fetchFile({ ...request, sources: others }, tuning);
  throw new EngineError({ code: 'checksumMismatch', path: request.part, expected: request.sha256, actual: sha256 });
}

/** Who may have the right bytes when those of `used` were wrong: whoever gave none, else of several the last one, which is the server. */
function notToBlame(sources: readonly RangeSource[], used: ReadonlySet<RangeSource>): readonly RangeSource[] {
  if (used.size === 0) return [];
  const others = sources.filter((source) => !used.has(source));
  return others.length > 0 || used.size === 1 ? others : sources.slice(-1);
}

async function fetchOnce(request: FetchRequest, sources: readonly RangeSource[], tuning: FetchTuning): Promise<{ readonly sha256: string; readonly used: ReadonlySet<RangeSource> }> {
  throwIfAborted(request.signal);
  const file: FileIdentity = { bytes: request.bytes, identity: request.sha256 ?? sources[0]?.version ?? null };
  const received = await readJournal(request.part, file);
  // Nothing of another file may be taken for this one's.
  if (received.length === 0) await discardPart(request.part);
  const part = await PartFile.open(request.part, tuning.openPart ?? openOnDisk);
  try {
    const fetching = new Fetching({ request, tuning, sources, file, part, received });
    return { sha256: await fetching.run(), used: fetching.used };
  } finally {
    await part.close();
  }
}

/** Those with a file of the right length. Whoever gives pieces is asked; the others only where there is nobody else. */
function usable({ sources, bytes }: FetchRequest): readonly RangeSource[] {
  const fitting = sources.filter((source) => source.bytes === null || source.bytes === bytes);
  const [source] = sources;
  if (fitting.length === 0) {
    const reason = source === undefined ? 'nobody has it' : `the file has ${source.bytes} bytes there, and should have ${bytes}`;
    throw new EngineError({ code: 'downloadBroken', url: source?.from ?? '', reason });
  }
  const inPieces = fitting.filter(({ ranges }) => ranges);
  return inPieces.length > 0 ? inPieces : fitting;
}
