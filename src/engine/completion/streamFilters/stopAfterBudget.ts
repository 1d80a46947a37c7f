import type { Clock } from '../../base/clock.js';
import { byLine } from './byLine.js';
import type { StreamFilter } from './streamFilter.js';

/** Ends at the next line end once the text has been coming for `ms` milliseconds: a part now is worth more than all later. */
export function stopAfterBudget(clock: Clock, ms: number): StreamFilter {
  return async function* (source) {
    const start = clock.now();
    let some = false;
    for await (const line of byLine(source)) {
      yield line;
      some ||= line.trim() !== '';
      if (some && clock.now() - start >= ms) return;
    }
  };
}
