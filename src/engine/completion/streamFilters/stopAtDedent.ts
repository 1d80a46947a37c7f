import { indentationOf, isBlank } from '../indentation.js';
import { byLine } from './byLine.js';
import type { StreamFilter } from './streamFilter.js';

export interface BlockStart {
  /** Indentation of the cursor's line, in columns. */
  readonly indentation: number;
  /** Whether the cursor's line opens a block; otherwise it is blank and a statement begins here. */
  readonly opener: boolean;
  /** Whether the line that closes the block is already below the cursor. */
  readonly closed: boolean;
}

/**
 * Ends where the block does. After an opener: the lines that stand deeper, and the one that closes the block unless it
 * is already there. On a blank line: one statement with its block; a line that stands less deep belongs to somebody else.
 */
export function stopAtDedent(start: BlockStart): StreamFilter {
  return async function* (source) {
    let first = true;
    let deeper = start.opener;
    let base = start.indentation;
    for await (const line of byLine(source)) {
      if (first) {
        first = false;
        // On a blank line the model may indent the statement further than the cursor stands.
        if (!start.opener) base += indentationOf(line);
        yield line;
        continue;
      }
      if (isBlank(line)) {
        if (!deeper) return;
        yield line;
        continue;
      }
      const depth = indentationOf(line);
      if (depth < base) return;
      if (depth > base) {
        deeper = true;
        yield line;
        continue;
      }
      if (isCloser(line)) {
        if (start.opener && start.closed) return;
        yield line.trimEnd();
        return;
      }
      if (goesOn(line)) {
        yield line;
        continue;
      }
      if (deeper) return;
      yield line;
    }
  };
}

/** `}`, `});`, `end`, `fi` and the like, alone in their line. */
function isCloser(line: string): boolean {
  return /^(?:[)\]}]+[;,)]*|end[;,)]?|fi|done|esac|<\/[\w.-]+>)$/.test(line.trim());
}

/** `} else {`, `except:` and the like: the block's own next part. */
function goesOn(line: string): boolean {
  return /^(?:[)\]}]|(?:else|elif|elsif|except|finally|catch|rescue|ensure|case|when|default)\b)/.test(line.trimStart());
}
