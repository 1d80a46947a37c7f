import type { StreamFilter } from './streamFilter.js';

/** Holds white space back until something follows it; a text of white space alone disappears. */
export const trimTrailingWhitespace: StreamFilter = async function* (source) {
  let held = '';
  for await (const part of source) {
    const text = held + part;
    const kept = text.trimEnd();
    held = text.slice(kept.length);
    if (kept !== '') yield kept;
  }
};
