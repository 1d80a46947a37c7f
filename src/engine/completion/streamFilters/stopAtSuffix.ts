import { isBlank } from '../indentation.js';
import { byLine } from './byLine.js';
import type { StreamFilter } from './streamFilter.js';

/** A shorter line, a closing bracket say, counts as a repetition only with the same indentation. */
const tellingLength = 6;

/** Ends before a line that is the next line below the cursor: the model has begun to repeat what is already there. */
export function stopAtSuffix(below: string): StreamFilter {
  const next = below.split('\n', 16).find((line) => !isBlank(line))?.trimEnd();
  return async function* (source) {
    let first = true;
    let blanks = '';
    for await (const line of byLine(source)) {
      // The first one goes on in the cursor's line.
      if (!first && next !== undefined && repeats(line.trimEnd(), next)) return;
      if (!first && isBlank(line)) {
        blanks += line;
        continue;
      }
      first = false;
      yield blanks + line;
      blanks = '';
    }
    if (blanks !== '') yield blanks;
  };
}

function repeats(line: string, next: string): boolean {
  if (line === next) return true;
  const trimmed = line.trim();
  return trimmed.length >= tellingLength && trimmed === next.trim();
}
