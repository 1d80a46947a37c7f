import { byLine } from './byLine.js';
import type { StreamFilter } from './streamFilter.js';

/** The same line this often in a row is a loop. */
const linesInARow = 3;
/** A group of characters this often in a row is one too. */
const groupsInARow = 4;
const shortestGroup = 3;
const longestGroup = 40;

/** Ends before a line that comes again and again; of the repeated lines the first one stays. */
export const stopAtRepeatedLines: StreamFilter = async function* (source) {
  let last = '';
  let held: string[] = [];
  for await (const line of byLine(source)) {
    const trimmed = line.trim();
    if (trimmed !== '' && trimmed === last) {
      held.push(line);
      if (held.length === linesInARow - 1) return;
      continue;
    }
    yield* held;
    held = [];
    last = trimmed;
    yield line;
  }
  yield* held;
};

/** Ends before a line that repeats a group of characters for ever: `a, a, a, a, …`. Nothing of such a line is of use. */
export const stopAtLoop: StreamFilter = async function* (source) {
  let line = '';
  for await (const part of source) {
    line += part;
    if (loops(line.slice(-longestGroup * groupsInARow))) return;
    const end = line.lastIndexOf('\n');
    if (end < 0) continue;
    yield line.slice(0, end + 1);
    line = line.slice(end + 1);
  }
  if (line !== '') yield line;
};

function loops(text: string): boolean {
  for (let length = shortestGroup; length * groupsInARow <= text.length; length++) {
    const group = text.slice(-length);
    if (!/\w/.test(group) || group.includes('\n')) continue;
    let times = 1;
    while (times < groupsInARow && text.startsWith(group, text.length - (times + 1) * length)) times++;
    if (times === groupsInARow) return true;
  }
  return false;
}
