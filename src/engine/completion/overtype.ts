import { unmatchedClosers } from './brackets.js';

/**
 * How many characters right of the cursor a suggestion replaces, so that `foo(|)` with `a, b)` becomes `foo(a, b)`.
 * Replaced are closers that the text has too and does not open itself, and what follows them in both; or the whole
 * rest of the line when the text ends with it.
 */
export function overtype(text: string, lineSuffix: string): number {
  const right = lineSuffix.trimEnd();
  if (right === '') return 0;
  const closers = unmatchedClosers(text);
  let replaced = 0;
  let end = 0;
  for (const closer of closers) {
    if (right[replaced] !== closer.character) continue;
    replaced++;
    end = closer.index + 1;
  }
  if (replaced > 0) {
    const rest = text.slice(end);
    return rest !== '' && right.startsWith(rest, replaced) ? replaced + rest.length : replaced;
  }
  const hasCloser = /[)\]}"'`]/.test(right);
  return !hasCloser && text.endsWith(right) ? right.length : 0;
}
