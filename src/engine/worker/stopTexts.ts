import type { TextPiece } from './tokenText.js';

/** Length of the longest end of `text` that is a beginning of `stop`, but not all of it. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}

export interface StopOutcome {
  /** What can be shown now. */
  readonly piece: TextPiece | null;
  /** A stop text was reached; the answer ends before it. */
  readonly stopped: boolean;
}

/** Ends a stream of text at the first stop text. What may be the beginning of a stop text is held back until it is clear. */
export class StopTextFilter {
  #text = '';
  #tokens: number[] = [];

  constructor(private readonly stops: readonly string[]) {}

  push(piece: TextPiece): StopOutcome {
    this.#text += piece.text;
    this.#tokens.push(...piece.tokens);
    const positions = this.stops.map((stop) => this.#text.indexOf(stop)).filter((position) => position >= 0);
    if (positions.length > 0) {
      const text = this.#text.slice(0, Math.min(...positions));
      return { piece: text === '' ? null : { text, tokens: this.#tokens }, stopped: true };
    }
    if (this.stops.some((stop) => overlap(this.#text, stop) > 0)) return { piece: null, stopped: false };
    return { piece: this.end(), stopped: false };
  }

  /** What is still held, when the stream ends without a stop text. */
  end(): TextPiece | null {
    if (this.#tokens.length === 0) return null;
    const piece = { text: this.#text, tokens: this.#tokens };
    this.#text = '';
    this.#tokens = [];
    return piece;
  }
}
