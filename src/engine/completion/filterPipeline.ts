import type { Clock } from '../base/clock.js';
import { indentationOf, isBlank } from './indentation.js';
import type { LineMode } from './multiline.js';
import type { DocumentSnapshot } from './snapshot.js';
import { type BlockStart, stopAtDedent } from './streamFilters/stopAtDedent.js';
import { dropRepeated } from './streamFilters/dropRepeated.js';
import { stopAfterBudget } from './streamFilters/stopAfterBudget.js';
import { stopAtLength } from './streamFilters/stopAtLength.js';
import { stopAtNewline } from './streamFilters/stopAtNewline.js';
import { stopAtLoop, stopAtRepeatedLines } from './streamFilters/stopAtRepetition.js';
import { stopAtSuffix } from './streamFilters/stopAtSuffix.js';
import { stopAtUnbalanced } from './streamFilters/stopAtUnbalanced.js';
import type { StreamFilter } from './streamFilters/streamFilter.js';
import { trimTrailingWhitespace } from './streamFilters/trimTrailingWhitespace.js';

/** Most characters of a suggestion of one line. */
const lineCharacters = 320;
/** Most time for the lines of one suggestion, in milliseconds. */
const multilineBudgetMs = 1_500;

/** The filters for a place, the cheapest stops first. */
export function filtersFor(snapshot: DocumentSnapshot, mode: LineMode, clock: Clock): StreamFilter[] {
  const { prefix, linePrefix, lineSuffix, below } = snapshot;
  const common = [stopAtUnbalanced(linePrefix, lineSuffix), stopAtLoop];
  const last = [stopAtSuffix(below), dropRepeated({ above: prefix, linePrefix, below }), trimTrailingWhitespace];
  if (mode === 'single') {
    const atEndOfLine = !isBlank(linePrefix) && isBlank(lineSuffix);
    return [stopAtNewline(atEndOfLine), stopAtLength(lineCharacters), ...common, ...last];
  }
  return [...common, stopAtDedent(blockStart(snapshot)), stopAtRepeatedLines, stopAfterBudget(clock, multilineBudgetMs), ...last];
}

function blockStart({ linePrefix, lineSuffix, below }: DocumentSnapshot): BlockStart {
  const indentation = indentationOf(linePrefix);
  const next = below.split('\n', 16).find((line) => !isBlank(line));
  const closesBelow = next !== undefined && indentationOf(next) === indentation && /^(?:[)\]}]|end\b|fi\b|done\b)/.test(next.trim());
  return { indentation, opener: !isBlank(linePrefix), closed: closesBelow || !isBlank(lineSuffix) };
}
