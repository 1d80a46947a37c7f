import type { StreamFilter } from './streamFilter.js';

/** More line ends than this before any text, and there is none to come. */
const leadingNewlines = 2;

/**
 * Keeps one line. Line ends and white space before it are let through when `leadingNewline` is set: at the end of a
 * finished line the suggestion is the next one.
 */
export function stopAtNewline(leadingNewline: boolean): StreamFilter {
  return async function* (source) {
    let begun = !leadingNewline;
    let newlines = 0;
    for await (const part of source) {
      let end = 0;
      while (end < part.length) {
        const character = part.charAt(end);
        if (character === '\n' && (begun || ++newlines > leadingNewlines)) break;
        begun ||= character.trim() !== '';
        end++;
      }
      if (end > 0) yield part.slice(0, end);
      if (end < part.length) return;
    }
  };
}
