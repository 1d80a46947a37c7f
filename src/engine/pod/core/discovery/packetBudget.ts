interface Bucket {
  tokens: number;
  at: number;
}

export interface PacketBudgetLimits {
  /** Packets per second that one source may send for long. */
  readonly rate: number;
  /** Packets that it may send at once after a pause. */
  readonly burst: number;
  /** Sources that are told apart; the others share what one may send. */
  readonly sources: number;
  /** Milliseconds of silence after which a source is forgotten when its place is needed. */
  readonly forgetMs: number;
}

/**
 * Which packets are worth reading: each source has a bucket of tokens of its own, so that one that floods does not
 * silence the others. A flood with forged sources fills the places that are free, and not those of machines that talk.
 */
export class PacketBudget {
  readonly #limits: PacketBudgetLimits;
  /** The source that was silent longest comes first. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #others: Bucket;

  constructor(limits: PacketBudgetLimits) {
    this.#limits = limits;
    this.#others = { tokens: limits.burst, at: 0 };
  }

  /** Whether a packet of `source` may be read at `now` (milliseconds); takes a token if so. */
  admit(source: string, now: number): boolean {
    const bucket = this.#bucketOf(source, now);
    const { rate, burst } = this.#limits;
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * rate);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #bucketOf(source: string, now: number): Bucket {
    const known = this.#buckets.get(source);
    if (known !== undefined) {
      this.#buckets.delete(source);
      this.#buckets.set(source, known);
      return known;
    }
    if (this.#buckets.size >= this.#limits.sources) {
      const oldest = this.#buckets.entries().next().value;
      if (oldest === undefined || now - oldest[1].at < this.#limits.forgetMs) return this.#others;
      this.#buckets.delete(oldest[0]);
    }
    const bucket = { tokens: this.#limits.burst, at: now };
    this.#buckets.set(source, bucket);
    return bucket;
  }
}
