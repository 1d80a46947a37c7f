import { openBrackets, unmatchedClosers } from '../brackets.js';
import type { StreamFilter } from './streamFilter.js';

/**
 * Ends before a closing bracket that stands already further right in the cursor's line and would be there twice.
 * Closers directly at the cursor are not meant: the suggestion types over those.
 */
export function stopAtUnbalanced(linePrefix: string, lineSuffix: string): StreamFilter {
  const taken = closersFurtherRight(lineSuffix);
  const open = openBrackets(linePrefix);
  return async function* (source) {
    if (taken.length === 0) {
      yield* source;
      return;
    }
    let text = '';
    for await (const part of source) {
      text += part;
      const end = firstTooMany(text, open, taken);
      if (end !== null) {
        const begin = text.length - part.length;
        if (end > begin) yield part.slice(0, end - begin);
        return;
      }
      yield part;
    }
  };
}

function closersFurtherRight(lineSuffix: string): readonly string[] {
  const atCursor = /^[)\]}"'`]*/.exec(lineSuffix)?.[0].length ?? 0;
  return unmatchedClosers(lineSuffix.slice(atCursor)).map((closer) => closer.character);
}

/** Where the text closes a bracket of the line whose closer is taken, or `null`. */
function firstTooMany(text: string, open: readonly string[], taken: readonly string[]): number | null {
  const free = [...open];
  for (const character of taken) {
    const at = free.indexOf(character);
    if (at >= 0) free.splice(at, 1);
  }
  for (const closer of unmatchedClosers(text)) {
    const at = free.lastIndexOf(closer.character);
    if (at >= 0) free.splice(at, 1);
    else if (taken.includes(closer.character)) return closer.index;
  }
  return null;
}
