/** What is to happen with a message whose head has been seen. */
export type HeadVerdict =
  /** The head goes on, and so do the next `body` bytes. */
  | { readonly kind: 'pass'; readonly body: number }
  /** Other bytes go on in place of the head, which is the whole message; none where it goes no further. */
  | { readonly kind: 'replace'; readonly bytes: Uint8Array | null }
  /** The stream is not to be followed any further. */
  | { readonly kind: 'refuse'; readonly reason: string };

export interface HeadReader {
  /** Bytes that must be there to decide, as far as `available` bytes from `at` on tell; at most `maxHeadBytes`. */
  headBytes(bytes: Uint8Array, at: number, available: number): number;
  decide(head: Uint8Array): HeadVerdict;
  /** A message has gone on, its body too. */
  done(): void;
}

const maxHeadBytes = 512;

/**
 * Cuts a stream into heads, which are looked at, and bodies, which are not. What goes on does so in the pieces in which it came, without
 * being copied; only a head that is spread over two chunks is put together.
 */
export class MessageStream {
  readonly #held = new Uint8Array(maxHeadBytes);
  #heldBytes = 0;
  #bodyLeft = 0;
  #chunk: Uint8Array = new Uint8Array();
  #start = 0;
  #at = 0;

  constructor(private readonly reader: HeadReader, private readonly pass: (bytes: Uint8Array) => void) {}

  /** Takes the next bytes; the answer is why the stream must end here, or `null`. */
  push(chunk: Uint8Array): string | null {
    this.#chunk = chunk;
    this.#start = 0;
    this.#at = 0;
    while (this.#at < chunk.length) {
      if (this.#bodyLeft > 0) {
        this.#skipBody();
        continue;
      }
      const head = this.#nextHead();
      if (head === null) break;
      const refusal = this.#apply(head);
      if (refusal !== null) {
        this.flush();
        return refusal;
      }
    }
    this.flush();
    return null;
  }

  /** Hands on what was let pass so far, so that other bytes may follow it. */
  flush(): void {
    if (this.#start === 0 && this.#at === this.#chunk.length) {
      if (this.#at > 0) this.pass(this.#chunk);
    } else if (this.#at > this.#start) {
      this.pass(this.#chunk.subarray(this.#start, this.#at));
    }
    this.#start = this.#at;
  }

  #skipBody(): void {
    const bytes = Math.min(this.#bodyLeft, this.#chunk.length - this.#at);
    this.#bodyLeft -= bytes;
    this.#at += bytes;
    if (this.#bodyLeft === 0) this.reader.done();
  }

  /** The head at the present place, or `null` when more bytes must come first; they are kept. */
  #nextHead(): Uint8Array | null {
    const left = this.#chunk.length - this.#at;
    if (this.#heldBytes === 0) {
      const wanted = this.reader.headBytes(this.#chunk, this.#at, left);
      if (left >= wanted) return this.#chunk.subarray(this.#at, this.#at + wanted);
    }
    for (;;) {
      const wanted = this.reader.headBytes(this.#held, 0, this.#heldBytes);
      const bytes = Math.min(wanted - this.#heldBytes, this.#chunk.length - this.#at);
      if (bytes === 0 && this.#heldBytes < wanted) return null;
      if (this.#heldBytes === wanted) break;
      this.#held.set(this.#chunk.subarray(this.#at, this.#at + bytes), this.#heldBytes);
      this.flush();
      this.#heldBytes += bytes;
      this.#at += bytes;
      this.#start = this.#at;
    }
    return this.#held.slice(0, this.#heldBytes);
  }

  #apply(head: Uint8Array): string | null {
    const verdict = this.reader.decide(head);
    if (verdict.kind === 'refuse') return verdict.reason;
    const held = this.#heldBytes > 0;
    this.#heldBytes = 0;
    const replacement = verdict.kind === 'replace' ? verdict.bytes : held ? head : null;
    if (verdict.kind === 'replace') this.flush();
    if (!held) this.#at += head.length;
    if (verdict.kind === 'replace') this.#start = this.#at;
    if (replacement !== null) this.pass(replacement);
    this.#bodyLeft = verdict.kind === 'pass' ? verdict.body : 0;
    if (this.#bodyLeft === 0) this.reader.done();
    return null;
  }
}
