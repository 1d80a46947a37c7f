/** Reads up to `length` bytes from `offset`; fewer only at the end of the file. It is asked for offsets that only grow. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/** What is wrong with a file's header. */
export type GgufProblem =
  | { readonly kind: 'notGguf' }
  | { readonly kind: 'damaged'; readonly reason: string }
  /** Weights of a type that this version does not have: from a newer version, a fork, or one that is gone. */
  | { readonly kind: 'unknownType'; readonly type: string }
  /** The file ends too early; it should have at least `expectedBytes`. */
  | { readonly kind: 'truncated'; readonly expectedBytes: number };

export class GgufError extends Error {
  override readonly name = 'GgufError';

  constructor(readonly problem: GgufProblem) {
    super(JSON.stringify(problem));
  }
}

export const damaged = (reason: string): GgufError => new GgufError({ kind: 'damaged', reason });

const windowBytes = 1_024 * 1_024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A position in a file that moves forward over a window of bytes, so that nothing is read twice and memory stays small.
 * Values are read in two steps: `has(n) || (await fill(n))`, then `u32()` and the like; most need no waiting.
 */
export class GgufReader {
  #window: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the window in the file. */
  #start = 0;
  /** Position in the window. */
  #at = 0;

  constructor(private readonly read: ReadBytes, readonly fileBytes: number) {}

  /** Position in the file. */
  get offset(): number {
    return this.#start + this.#at;
  }

  has(bytes: number): boolean {
    return this.#window.length - this.#at >= bytes;
  }

  /** Makes the next `bytes` available. Fails with `truncated` when the file ends before. */
  async fill(bytes: number): Promise<void> {
    const offset = this.offset;
    this.#require(bytes);
    const rest = this.#window.subarray(this.#at);
    const end = offset + rest.length;
    const more = await this.read(end, Math.min(Math.max(bytes - rest.length, windowBytes), this.fileBytes - end));
    this.#window = rest.length === 0 ? more : Buffer.concat([rest, more]);
    this.#view = new DataView(this.#window.buffer, this.#window.byteOffset, this.#window.byteLength);
    this.#start = offset;
    this.#at = 0;
    if (this.#window.length < bytes) throw new GgufError({ kind: 'truncated', expectedBytes: offset + bytes });
  }

  /** Moves on without looking at the bytes. */
  skip(bytes: number): void {
    this.#require(bytes);
    this.#at += bytes;
    if (this.#at <= this.#window.length) return;
    this.#start += this.#at;
    this.#at = 0;
    this.#window = new Uint8Array(0);
  }

  bytes(length: number): Uint8Array {
    this.#at += length;
    return this.#window.subarray(this.#at - length, this.#at);
  }

  /** The byte that is `ahead` bytes further on; it must be available. */
  peek(ahead: number): number {
    return this.#view.getUint8(this.#at + ahead);
  }

  /** Text that must be valid UTF-8. */
  text(length: number): string {
    const bytes = this.bytes(length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw damaged(`a text at ${this.offset - length} is not UTF-8`);
    }
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }
  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }
  u64(): bigint {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }

  /** An unsigned 64-bit value that counts something, so it must be small. */
  count(what: string, limit: number): number {
    const value = this.u64();
    if (value > BigInt(limit)) throw damaged(`${what} is ${value}, more than ${limit}`);
    return Number(value);
  }

  /** A view on the next bytes, for the other number types. */
  view(length: number): DataView {
    this.#at += length;
    return new DataView(this.#window.buffer, this.#window.byteOffset + this.#at - length, length);
  }

  #require(bytes: number): void {
    if (bytes > this.fileBytes - this.offset) throw new GgufError({ kind: 'truncated', expectedBytes: this.offset + bytes });
  }
}
