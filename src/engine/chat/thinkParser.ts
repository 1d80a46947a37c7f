import * as v from 'valibot';

export const pieceSchema = v.variant('kind', [
  v.object({ kind: v.literal('text'), text: v.string(), tokens: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  v.object({ kind: v.literal('thought'), text: v.string(), tokens: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
  /** All text so far was a thought: the prompt had opened it, and only its end was generated. */
  v.object({ kind: v.literal('textWasThought') }),
]);
/** What a streamed text adds to an answer. */
export type Piece = v.InferOutput<typeof pieceSchema>;

const openTag = '<think>';
const closeTag = '</think>';

/** Keeps count of tokens as fractions of a character's share and hands them out whole. */
class TokenShare {
  #sum = 0;
  #given = 0;

  take(amount: number): number {
    this.#sum += amount;
    const whole = Math.round(this.#sum) - this.#given;
    this.#given += whole;
    return whole;
  }
}

/** Follows code in markdown, where a tag is only text. */
class CodeTracker {
  #line = '';
  #fence: string | null = null;

  add(text: string): void {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) this.#endLine();
      this.#line += part;
    }
  }

  get inCode(): boolean {
    return this.#fence !== null || (this.#line.match(/`/g)?.length ?? 0) % 2 === 1;
  }

  get atLineStart(): boolean {
    return this.#line.trim() === '';
  }

  #endLine(): void {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(this.#line)?.[1];
    this.#line = '';
    if (mark === undefined) return;
    if (this.#fence === null) this.#fence = mark;
    else if (mark.startsWith(this.#fence)) this.#fence = null;
  }
}

/**
 * Splits a streamed answer into thoughts and text. Tags may be cut anywhere between two pieces.
 * Leaks that models are known for are mended: a thought whose opening tag was part of the prompt,
 * a second opening tag inside a thought, a second closing tag after it. In code a tag is text.
 * A thought that is never closed stays a thought.
 */
export class ThinkParser {
  #mode: 'text' | 'thought' = 'text';
  #held = '';
  #heldTokens = 0;
  #sawThought = false;
  #sawText = false;
  /** White space at the start of a segment is left out. */
  #atStart = true;
  #carried = 0;
  #code = new CodeTracker();
  readonly #shares = { text: new TokenShare(), thought: new TokenShare() };

  /** @param tokens how many tokens `text` is made of; shared out by length where `text` crosses a tag */
  push(text: string, tokens: number): Piece[] {
    const held = this.#held.length;
    const heldWeight = held === 0 ? 0 : this.#heldTokens / held;
    const weight = text.length === 0 ? 0 : tokens / text.length;
    const share = (from: number, to: number): number => {
      const old = Math.max(0, Math.min(to, held) - from);
      return old * heldWeight + (to - from - old) * weight;
    };
    const all = this.#held + text;
    const pieces: Piece[] = [];
    let from = 0;
    let at = 0;
    while (at < all.length) {
      at = all.indexOf('<', at);
      if (at < 0) break;
      const rest = all.slice(at);
      if (openTag.startsWith(rest) || closeTag.startsWith(rest)) {
        if (rest !== openTag && rest !== closeTag) break;
      }
      const tag = rest.startsWith(openTag) ? openTag : rest.startsWith(closeTag) ? closeTag : undefined;
      if (tag === undefined) {
        at++;
        continue;
      }
      this.#emit(pieces, all.slice(from, at), share(from, at));
      from = at;
      at += tag.length;
      if (this.#takeTag(tag, pieces)) from = at;
    }
    const end = at < 0 ? all.length : at;
    this.#emit(pieces, all.slice(from, end), share(from, end));
    this.#held = all.slice(end);
    this.#heldTokens = share(end, all.length);
    return pieces;
  }

  /** The rest, at the end of the stream: what looked like the beginning of a tag was text. */
  end(): Piece[] {
    const pieces: Piece[] = [];
    this.#emit(pieces, this.#held, this.#heldTokens);
    this.#held = '';
    this.#heldTokens = 0;
    return pieces;
  }

  /** Whether the tag was a tag; otherwise it stays in the text. */
  #takeTag(tag: string, pieces: Piece[]): boolean {
    if (this.#mode === 'thought') {
      if (tag === closeTag) this.#enter('text');
      return true;
    }
    if (this.#code.inCode) return false;
    if (tag === openTag) {
      if (!this.#code.atLineStart) return false;
      this.#sawThought = true;
      this.#enter('thought');
      return true;
    }
    if (!this.#sawThought && this.#sawText) pieces.push({ kind: 'textWasThought' });
    this.#sawThought = true;
    this.#enter('text');
    return true;
  }

  #enter(mode: 'text' | 'thought'): void {
    this.#mode = mode;
    this.#atStart = true;
    this.#code = new CodeTracker();
  }

  #emit(pieces: Piece[], text: string, tokens: number): void {
    const shown = this.#atStart ? text.replace(/^\s+/, '') : text;
    if (shown === '') {
      // White space that is left out still cost tokens: the next piece carries them.
      this.#carried += tokens;
      return;
    }
    this.#atStart = false;
    if (this.#mode === 'text') {
      this.#sawText = true;
      this.#code.add(shown);
    }
    pieces.push({ kind: this.#mode, text: shown, tokens: this.#shares[this.#mode].take(tokens + this.#carried) });
    this.#carried = 0;
  }

}

/** Joins neighbours of the same kind, so that a burst of tokens is one change. */
export function joinPieces(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece.kind !== 'textWasThought' && last?.kind === piece.kind) {
      joined[joined.length - 1] = { kind: piece.kind, text: last.text + piece.text, tokens: last.tokens + piece.tokens };
    } else {
      joined.push(piece);
    }
  }
  return joined;
}
