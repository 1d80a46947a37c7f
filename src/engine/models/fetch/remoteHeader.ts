import { throwIfAborted } from '../../base/async.js';
import { EngineError } from '../../base/errors.js';
import { ggufFailure } from '../gguf/ggufFailure.js';
import { type GgufHeader, readGgufHeader } from '../gguf/ggufHeader.js';
import { GgufError } from '../gguf/ggufReader.js';
import type { RangeSource } from './rangeSource.js';

/** Headers of real models have up to 20 MB, nearly all of it the vocabulary. */
const mostHeaderBytes = 64 * 1_024 * 1_024;
/** Reads in a row without a byte. */
const mostFruitless = 3;

/**
 * Reads the GGUF header of a file elsewhere, and no more of it than that.
 * @param name what failures call the file; without it they name the source
 * @throws EngineError what the source fails with, and `notGguf`, `modelDamaged`, `modelTruncated`, `downloadBroken`, `cancelled`
 */
export async function readRemoteHeader(source: RangeSource, signal: AbortSignal, name: string = source.from): Promise<GgufHeader> {
  if (source.bytes === null) throw new EngineError({ code: 'downloadBroken', url: source.from, reason: 'the server does not say how long the file is' });
  const bytes = new ForwardBytes(source, source.bytes, signal);
  try {
    const header = await readGgufHeader((offset, length) => bytes.read(offset, length), source.bytes);
    if (header.endOffset > source.bytes) throw new EngineError({ code: 'modelTruncated', path: name, expectedBytes: header.endOffset, actualBytes: source.bytes });
    return header;
  } catch (error) {
    throw error instanceof GgufError ? new EngineError(ggufFailure(error.problem, name, source.bytes), { cause: error }) : error;
  } finally {
    await bytes.close();
  }
}

/** Bytes of a source, one stream for all of them as long as it lasts. Each read begins within what the last one gave, or after it. */
class ForwardBytes {
  #chunks: AsyncIterator<Uint8Array> | null = null;
  /** What the last read gave. */
  #last = { from: 0, bytes: Buffer.alloc(0) };
  /** What came and has not been asked for yet, and where it begins. */
  #rest: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(private readonly source: RangeSource, private readonly bytes: number, private readonly signal: AbortSignal) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Buffer.alloc(length);
    const { from, bytes } = this.#last;
    let filled = offset < from + bytes.length ? bytes.copy(wanted, 0, offset - from) : 0;
    for (let fruitless = 0; filled < length; ) {
      const chunk = await this.#next(offset + filled);
      if (chunk.length === 0 && ++fruitless >= mostFruitless) throw new EngineError({ code: 'downloadBroken', url: this.source.from, reason: 'the connection ends again and again' });
      const taken = chunk.subarray(0, length - filled);
      wanted.set(taken, filled);
      filled += taken.length;
      this.#rest = chunk.subarray(taken.length);
      this.#at += taken.length;
    }
    this.#last = { from: offset, bytes: wanted };
    return wanted;
  }

  async close(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = null;
    await chunks?.return?.();
  }

  /** Bytes at `offset`; none when the stream ended, and then the next call opens another one. */
  async #next(offset: number): Promise<Uint8Array> {
    throwIfAborted(this.signal);
    for (;;) {
      const ahead = offset - this.#at;
      if (this.#rest.length > ahead) {
        this.#at = offset;
        return this.#rest.subarray(ahead);
      }
      this.#at += this.#rest.length;
      this.#rest = new Uint8Array(0);
      if (this.#chunks === null) {
        this.#at = this.source.ranges ? offset : 0;
        const end = Math.min(this.bytes, mostHeaderBytes);
        if (offset >= end) throw new EngineError({ code: 'downloadBroken', url: this.source.from, reason: 'the header of the model has no end' });
        this.#chunks = this.source.read(this.#at, end - this.#at, this.signal)[Symbol.asyncIterator]();
      }
      const next = await this.#chunks.next();
      if (next.done === true) {
        this.#chunks = null;
        return new Uint8Array(0);
      }
      this.#rest = next.value;
    }
  }
}
