import * as v from 'valibot';
import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { sha256Schema } from '../../protocol/modelTypes.js';
import { discard, exchange } from './exchange.js';
import { failureOfStatus, shownUrl } from './httpFailure.js';
import type { Network } from './network.js';
import { withRetries } from './retry.js';

const entrySchema = v.object({
  type: v.string(),
  path: v.pipe(v.string(), v.maxLength(1_024)),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Of files beyond some megabytes: their SHA-256. */
  lfs: v.optional(v.object({ oid: v.optional(v.string()) })),
});
const pageSchema = v.pipe(v.string(), v.parseJson(), v.pipe(v.array(entrySchema), v.maxLength(10_000)));

/** A file of a repository. */
export interface HubEntry {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

const mostBytes = 16 * 1_024 * 1_024;

/**
 * The files of a repository, those of the first page, which are a thousand (https://huggingface.co/docs/hub/api).
 * @throws EngineError as `httpSource`
 */
export async function listRepository(repository: string, revision: string, endpoint: string, network: Network, signal: AbortSignal): Promise<HubEntry[]> {
  const url = new URL(`${endpoint.replace(/\/+$/, '')}/api/models/${repository}/tree/${encodeURIComponent(revision)}?recursive=true`);
  return withRetries(network.limits.firstAttempts, network, signal, async () => {
    const answer = await exchange(network, url, {}, signal);
    if (answer.status !== 200) {
      discard(answer.body);
      throw failureOfStatus(answer.status, answer.header('retry-after'), { url, withToken: answer.withToken }, Date.now());
    }
    const page = v.safeParse(pageSchema, await textOf(answer.body, url, signal));
    if (!page.success) throw broken(url, 'its list of files cannot be understood');
    return page.output.filter(({ type }) => type === 'file').map(({ path, size, lfs }) => ({ file: path, bytes: size, sha256: v.is(sha256Schema, lfs?.oid) ? lfs.oid : null }));
  });
}

async function textOf(body: AsyncIterable<unknown>, url: URL, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    throwIfAborted(signal);
    if (!(chunk instanceof Buffer)) continue;
    bytes += chunk.length;
    if (bytes > mostBytes) throw broken(url, 'its list of files has no end');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function broken(url: URL, reason: string): EngineError {
  return new EngineError({ code: 'downloadBroken', url: shownUrl(url), reason });
}
