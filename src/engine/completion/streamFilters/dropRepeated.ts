import { isBlank } from '../indentation.js';
import { byLine } from './byLine.js';
import type { StreamFilter } from './streamFilter.js';

export interface Neighbours {
  /** The text above the cursor's line. */
  readonly above: string;
  /** The cursor's line left of the cursor. */
  readonly linePrefix: string;
  /** The text below the cursor's line. */
  readonly below: string;
}

/** How far to look for a line that is not blank. */
const nearLines = 16;
const nearCharacters = 1_024;

/** Lets nothing through when the first line of the suggestion would be the same as the line above or below it. */
export function dropRepeated({ above, linePrefix, below }: Neighbours): StreamFilter {
  const filled = (line: string): boolean => !isBlank(line);
  const next = below.split('\n', nearLines).find(filled)?.trim();
  const previous = above.slice(-nearCharacters).split('\n').findLast(filled)?.trim();
  const repeats = (head: string): boolean => {
    const newLine = head.indexOf('\n');
    const onNextLine = newLine >= 0 && isBlank(head.slice(0, newLine));
    const line = (onNextLine ? head : linePrefix + head).trim();
    // A bracket may well stand there twice.
    return /\w.*\w/.test(line) && (line === next || line === (onNextLine ? linePrefix.trim() : previous));
  };
  return async function* (source) {
    let head: string | null = '';
    for await (const line of byLine(source)) {
      if (head === null) {
        yield line;
        continue;
      }
      head += line;
      if (isBlank(head)) continue;
      if (repeats(head)) return;
      yield head;
      head = null;
    }
  };
}
