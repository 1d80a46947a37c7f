import { delay, throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { parseContentRange } from './contentRange.js';
import { type Answer, discard, exchange } from './exchange.js';
import { failureOfStatus, shownUrl } from './httpFailure.js';
import type { Network } from './network.js';
import type { RangeSource } from './rangeSource.js';
import { longestAskedWaitMs, TemporaryError, withRetries } from './retry.js';

/** A file on a server. */
export interface HttpSource extends RangeSource {
  /** The checksum that the hub has published for it; `null` where it has not, and elsewhere. */
  readonly sha256: string | null;
}

/**
 * Asks a server for a file, for its length and whether it can be had in pieces.
 * @param network what the pieces will be read over too; whoever opened it keeps it until then.
 * @throws EngineError `serverUnreachable`, `serverRefused`, `accessDenied`, `notOnServer`, `downloadBroken`, `cancelled`
 */
export async function httpSource(url: string, network: Network, signal: AbortSignal): Promise<HttpSource> {
  if (!URL.canParse(url)) throw new EngineError({ code: 'notOnServer', url });
  const start = new URL(url);
  return withRetries(network.limits.firstAttempts, network, signal, async () => {
    // One byte and not HEAD: signed addresses are for GET alone, and the answer shows whether pieces are served.
    const answer = await exchange(network, start, { range: 'bytes=0-0' }, signal);
    discard(answer.body);
    return sourceOf(start, answer, network);
  });
}

function sourceOf(start: URL, answer: Answer, network: Network): HttpSource {
  const range = parseContentRange(answer.header('content-range'));
  const ranges = answer.status === 206 && range?.piece?.first === 0;
  const empty = answer.status === 416 && range?.total === 0;
  if (answer.status !== 200 && !ranges && !empty) throw failureOfStatus(answer.status, answer.header('retry-after'), { url: start, withToken: answer.withToken }, Date.now());
  const bytes = answer.status === 200 ? lengthOf(answer) : (range?.total ?? null);
  return new HttpFile(start, network, answer, bytes, ranges);
}

/** How it is told over the pieces, and over a restart, that the file is still the same one. */
function versionOf(answer: Answer): string | null {
  return answer.header('etag') ?? answer.header('last-modified');
}

function lengthOf(answer: Answer): number | null {
  const length = answer.header('content-length') ?? '';
  return /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** The hub gives the SHA-256 of large files as their linked ETag. */
function publishedSha256(answer: Answer): string | null {
  return /^"([0-9a-f]{64})"$/.exec(answer.headerOnTheWay('x-linked-etag') ?? '')?.[1] ?? null;
}

const addressMayHaveEnded = new Set([400, 401, 403, 404, 410]);

class HttpFile implements HttpSource {
  readonly from: string;
  readonly version?: string;
  readonly sha256: string | null;
  /** Where the bytes really are. Signed addresses end some time, then the first server is asked again. */
  #address: URL;
  /** By what it is told that this storage still has the same file. */
  #validator: string | null;
  /** All pieces wait when the server asks one of them to: a moment of the clock. */
  #notBefore = 0;

  constructor(
    private readonly start: URL,
    private readonly network: Network,
    answer: Answer,
    readonly bytes: number | null,
    readonly ranges: boolean,
  ) {
    this.from = start.host;
    const version = versionOf(answer);
    if (version !== null) this.version = version;
    this.#validator = version;
    this.sha256 = publishedSha256(answer);
    this.#address = answer.url;
  }

  async *read(offset: number, length: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    if (length <= 0) return;
    const { attempts } = this.network.limits;
    const body = await withRetries(attempts, this.network, signal, () => this.#open(offset, length, signal));
    let left = length;
    try {
      for await (const chunk of body) {
        const bytes: Buffer = chunk;
        yield bytes.length > left ? bytes.subarray(0, left) : bytes;
        left -= bytes.length;
        if (left <= 0) return;
      }
    } catch {
      throwIfAborted(signal);
      // It ended early, and the caller goes on from here.
    } finally {
      discard(body);
    }
  }

  async #open(offset: number, length: number, signal: AbortSignal): Promise<Answer['body']> {
    const wait = this.#notBefore - this.network.clock.now();
    if (wait > 0) await delay(wait, signal, this.network.clock);
    const address = this.#address;
    const answer = await exchange(this.network, address, this.#headers(offset, length), signal).catch((error: unknown) => {
      // Where the storage is gone, the first server may know another one.
      this.#leave(address);
      throw error;
    });
    try {
      if (answer.status !== 200 && answer.status !== 206) throw this.#refused(answer, address);
      this.#check(answer, offset, length);
      this.#address = answer.url;
      return answer.body;
    } catch (error) {
      discard(answer.body);
      if (error instanceof TemporaryError && error.waitMs !== null) this.#notBefore = this.network.clock.now() + Math.min(error.waitMs, longestAskedWaitMs);
      throw error;
    }
  }

  #headers(offset: number, length: number): Record<string, string> {
    if (!this.ranges) return {};
    // Only a strong one may be compared for ranges (RFC 9110, 13.1.5).
    const strong = this.#validator?.startsWith('"') === true ? { 'if-range': this.#validator } : {};
    return { range: `bytes=${offset}-${offset + length - 1}`, ...strong };
  }

  /** @throws TemporaryError @throws EngineError where the answer is not the piece that was asked for */
  #check(answer: Answer, offset: number, length: number): void {
    const range = parseContentRange(answer.header('content-range'));
    const total = answer.status === 200 ? lengthOf(answer) : (range?.total ?? null);
    if ((total !== null && this.bytes !== null && total !== this.bytes) || this.#isAnother(answer)) throw this.#changed();
    if (!this.ranges && answer.status === 200) return;
    if (answer.status === 200 || range === null) throw this.#mayPass('the server does not serve pieces any more');
    const { piece } = range;
    if (piece === null || piece.first !== offset || piece.last >= offset + length) throw this.#mayPass('the server gave another piece than the one that was asked for');
  }

  #refused(answer: Answer, address: URL): Error {
    const total = parseContentRange(answer.header('content-range'))?.total ?? this.bytes;
    if (answer.status === 416 && total !== this.bytes) return this.#changed();
    // A signed address that has ended looks like this; the first server gives a new one.
    if (address !== this.start && addressMayHaveEnded.has(answer.status)) {
      this.#leave(address);
      return this.#mayPass(`status ${answer.status}`);
    }
    return failureOfStatus(answer.status, answer.header('retry-after'), { url: this.start, withToken: answer.withToken }, Date.now());
  }

  /** Asks the first server again with the next piece. */
  #leave(address: URL): void {
    if (this.#address !== address) return;
    this.#address = this.start;
    if (this.sha256 !== null) this.#validator = null;
  }

  #isAnother(answer: Answer): boolean {
    const version = versionOf(answer);
    const published = publishedSha256(answer);
    if (published !== null && this.sha256 !== null) {
      // The hub has answered for it: the same file may now be in another storage, with another validator.
      if (published === this.sha256) this.#validator = version;
      return published !== this.sha256;
    }
    return this.#validator !== null && version !== null && version !== this.#validator;
  }

  #changed(): EngineError {
    return new EngineError({ code: 'downloadBroken', url: shownUrl(this.start), reason: 'the file on the server has become another one' });
  }

  #mayPass(reason: string): TemporaryError {
    return new TemporaryError({ code: 'downloadBroken', url: shownUrl(this.start), reason });
  }
}
