import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Disposable } from '../engine/base/disposable.js';

/** Asks the user for one line at a time. A line that nobody asked for is not an answer to a later question. */
export class LineReader implements Disposable {
  readonly #lines: Interface;
  #take: ((line: string | null) => void) | null = null;
  #closed = false;

  constructor(input: Readable) {
    // Not as a terminal: that would take Ctrl+C out of the signals.
    this.#lines = createInterface({ input, terminal: false });
    this.#lines.on('line', (line) => this.#take?.(line));
    this.#lines.on('close', () => {
      this.#closed = true;
      this.#take?.(null);
    });
  }

  /** The next line; `null` when the input ends or the signal comes first. */
  next(signal: AbortSignal): Promise<string | null> {
    if (this.#closed || signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const give = (line: string | null): void => {
        this.#take = null;
        signal.removeEventListener('abort', abort);
        resolve(line);
      };
      const abort = (): void => give(null);
      signal.addEventListener('abort', abort);
      this.#take = give;
    });
  }

  dispose(): void {
    this.#lines.close();
  }
}

/** Only a yes is one; the end of the input is a no. */
export function isYes(line: string | null): boolean {
  return /^(?:y|yes)$/i.test(line?.trim() ?? '');
}
