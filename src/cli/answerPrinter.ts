import { plainText } from '../engine/base/plainText.js';
import { joinPieces, type Piece, ThinkParser } from '../engine/chat/thinkParser.js';
import type { GenerationEvent } from '../engine/protocol/engineTypes.js';

/** A stream of the terminal; escape codes only go to one that shows them. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

/** Where a command writes: what it was asked for to `out`, what the user waits for to `info`. */
export interface Terminal {
  readonly out: TerminalStream;
  readonly info: TerminalStream;
}

/**
 * Prints an answer while it is made: the answer itself to `out`, the thought before it to `info`, so that a redirected answer
 * is the answer alone.
 */
export class AnswerPrinter {
  readonly #parser = new ThinkParser();
  #thinking = false;
  #lineOpen = false;
  /** White space of the thought that is shown when more follows. */
  #space = '';

  constructor(private readonly out: TerminalStream, private readonly info: TerminalStream) {}

  event(event: GenerationEvent): void {
    if (event.kind === 'text') this.#print(this.#parser.push(event.text, event.tokens.length));
  }

  /** The rest of the answer; the line is closed. */
  end(): void {
    this.#print(this.#parser.end());
    this.#closeThought();
    if (this.#lineOpen) this.out.write('\n');
    this.#lineOpen = false;
  }

  #print(pieces: readonly Piece[]): void {
    for (const piece of joinPieces(pieces)) {
      if (piece.kind === 'thought') {
        this.#thinking = true;
        // The end of the thought is followed by one empty line, however the model ends it.
        const text = this.#space + piece.text;
        const shown = text.trimEnd();
        this.#space = text.slice(shown.length);
        if (shown !== '') this.info.write(dim(harmless(shown, this.info), this.info));
      } else if (piece.kind === 'text') {
        this.#closeThought();
        this.out.write(harmless(piece.text, this.out));
        this.#lineOpen = !piece.text.endsWith('\n');
      }
    }
  }

  #closeThought(): void {
    if (this.#thinking) this.info.write('\n\n');
    this.#thinking = false;
    this.#space = '';
  }
}

/** What a model writes, or repeats from a file, must not move the cursor of a terminal or reach its clipboard. A file gets it as it is. */
function harmless(text: string, stream: TerminalStream): string {
  return stream.isTTY === true ? plainText(text) : text;
}

/** Text in a fainter colour, where the stream is a terminal. */
export function dim(text: string, stream: TerminalStream): string {
  return stream.isTTY === true ? `\u001B[2m${text}\u001B[22m` : text;
}
