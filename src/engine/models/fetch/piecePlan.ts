import { addInterval, firstGap, type Interval, totalLength } from './intervals.js';

/** Which bytes of a file are there, and who fetches which of the others. */
export class PiecePlan {
  #received: readonly Interval[];
  /** Those that somebody fetches. Apart, for what is claimed may come in part only. */
  readonly #claimed = new Set<Interval>();

  constructor(readonly bytes: number, received: readonly Interval[], private readonly pieceBytes: number) {
    this.#received = received;
  }

  get received(): readonly Interval[] {
    return this.#received;
  }

  get receivedBytes(): number {
    return totalLength(this.#received);
  }

  /** Bytes from the start that are there without a gap. */
  get prefix(): number {
    const first = this.#received[0];
    return first?.from === 0 ? first.to : 0;
  }

  /** The first bytes that are neither there nor claimed, now claimed; `null` when there are none. The claim ends with `release`. */
  claim(): Interval | null {
    const taken = [...this.#claimed].reduce<readonly Interval[]>(addInterval, this.#received);
    const gap = firstGap(taken, this.bytes, this.pieceBytes);
    if (gap !== null) this.#claimed.add(gap);
    return gap;
  }

  release(piece: Interval): void {
    this.#claimed.delete(piece);
  }

  add(written: Interval): void {
    this.#received = addInterval(this.#received, written);
  }
}
