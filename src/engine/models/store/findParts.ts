import { linkSignals } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { type HttpSource, httpSource } from '../fetch/httpSource.js';
import type { Network } from '../fetch/network.js';
import type { FileFinder, RangeSource } from '../fetch/rangeSource.js';
import type { DownloadPart } from './downloadRecord.js';

/** A part of a model, and who has it. */
export interface FoundPart {
  readonly name: string;
  readonly bytes: number;
  /** What it must have; `null` where nobody knows. */
  readonly sha256: string | null;
  /** The best one first. */
  readonly sources: readonly RangeSource[];
}

/** How long the server is waited for when a paired machine has the part, in milliseconds: a network that swallows everything tells only after minutes that nobody is there. */
export const serverLimitMs = 5_000;

export interface PartFinder {
  readonly network: Network;
  /** The paired machines, which are nearer than any server. */
  readonly pod: FileFinder;
}

/**
 * Asks the pod and the server for a part. A part whose checksum is known can come from the pod alone, without a server.
 * @throws EngineError as `httpSource`; `checksumMismatch` and `downloadBroken` where the server has another file than the one that is wanted
 */
export async function findPart(part: DownloadPart, url: string, { network, pod }: PartFinder, signal: AbortSignal): Promise<FoundPart> {
  const asked = linkSignals(signal);
  const asking = settled(httpSource(url, network, asked.signal));
  const known = part.sha256;
  // While the server is asked; where only the server knows the checksum, after it.
  const near = known === null ? [] : await pod.find(known, part.bytes, signal);
  const late = near.length === 0 ? null : network.clock.setTimeout(() => asked.abort(), serverLimitMs);
  const answer = await asking;
  late?.dispose();
  asked.dispose();
  if ('error' in answer) {
    if (known === null || signal.aborted) throw answer.error;
    // A machine may have come while the server was tried.
    const sources = near.length > 0 ? near : await pod.find(known, part.bytes, signal);
    const bytes = part.bytes ?? sources[0]?.bytes ?? null;
    if (sources.length === 0 || bytes === null) throw answer.error;
    return { name: part.name, bytes, sha256: known, sources };
  }
  const server = answer.value;
  const bytes = sameFile(part, server, url);
  const sha256 = known ?? server.sha256;
  const others = known === null && sha256 !== null ? await pod.find(sha256, bytes, signal) : near;
  return { name: part.name, bytes, sha256, sources: [...others, server] };
}

/** The length of the file on the server, which must be the one that is wanted. Also names of files get other contents at times. */
function sameFile(part: DownloadPart, server: HttpSource, url: string): number {
  if (server.bytes === null) throw new EngineError({ code: 'downloadBroken', url, reason: 'the server does not say how long the file is' });
  if (part.sha256 !== null && server.sha256 !== null && part.sha256 !== server.sha256) {
    throw new EngineError({ code: 'checksumMismatch', path: url, expected: part.sha256, actual: server.sha256 });
  }
  if (part.sha256 !== null && part.bytes !== null && part.bytes !== server.bytes) {
    throw new EngineError({ code: 'downloadBroken', url, reason: `the file has ${server.bytes} bytes there, and should have ${part.bytes}` });
  }
  return server.bytes;
}

async function settled<T>(work: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}
