import type { StreamFilter } from './streamFilter.js';

/** Ends a line that has grown longer than anybody reads as a suggestion. */
export function stopAtLength(characters: number): StreamFilter {
  return async function* (source) {
    let length = 0;
    for await (const part of source) {
      yield part;
      length += part.length;
      if (length >= characters) return;
    }
  };
}
