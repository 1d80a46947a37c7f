import type { Tokens } from './inferenceBackend.js';

/** Text and the tokens that make it. */
export interface TextPiece {
  readonly text: string;
  readonly tokens: Tokens;
}

/** What a decoder shows for bytes that are not (yet) a character. */
const incomplete = '\uFFFD';
/** A character has at most four bytes, so that what is still incomplete after this many tokens never becomes one. */
const mostHeldTokens = 8;
/** Enough of the tokens to the left to decide about a leading space. */
const leftContext = 4;

/**
 * Turns tokens into text one by one. A token may end within a character: it is held back and comes with the token
 * that completes it, so that no text ends in half a character.
 */
export class TokenTextDecoder {
  #before: Tokens;
  #held: number[] = [];

  /** `before` are the tokens that stand to the left of the stream. */
  constructor(private readonly textOf: (tokens: Tokens, before: Tokens) => string, before: Tokens) {
    this.#before = before;
  }

  push(token: number): TextPiece | null {
    this.#held.push(token);
    const text = this.textOf(this.#held, this.#before);
    if (text.endsWith(incomplete) && this.#held.length < mostHeldTokens) return null;
    return this.#release(text);
  }

  /** What is still held, at the end of the stream. */
  end(): TextPiece | null {
    return this.#held.length === 0 ? null : this.#release(this.textOf(this.#held, this.#before));
  }

  #release(text: string): TextPiece {
    const tokens = this.#held;
    this.#before = [...this.#before, ...tokens].slice(-leftContext);
    this.#held = [];
    return { text, tokens };
  }
}
