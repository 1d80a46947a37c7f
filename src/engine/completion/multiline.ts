import { assertNever } from '../base/errors.js';
import { indentationOf, isBlank } from './indentation.js';
import { languageFamily } from './languageFamily.js';
import type { DocumentSnapshot } from './snapshot.js';

export type MultilineSetting = 'auto' | 'always' | 'never';
export type LineMode = 'single' | 'multi';

const keywordOpener = /(?:^|\s)(?:do|then|else|begin|def\s.*|function\b.*|\|[^|]*\|)$/;

/** Whether a suggestion may have several lines: where a block or a statement begins, never in the middle of a line. */
export function lineMode(snapshot: DocumentSnapshot, setting: MultilineSetting): LineMode {
  switch (setting) {
    case 'never':
      return 'single';
    case 'always':
      return 'multi';
    case 'auto':
      return beginsBlock(snapshot) ? 'multi' : 'single';
    default:
      return assertNever(setting);
  }
}

function beginsBlock(snapshot: DocumentSnapshot): boolean {
  const left = snapshot.linePrefix.trimEnd();
  const right = snapshot.lineSuffix.trim();
  const family = languageFamily(snapshot.languageId);
  if (left === '') return right === '' && family !== 'prose';
  if (!opens(left, right, family)) return false;
  return !hasBody(snapshot);
}

function opens(left: string, right: string, family: ReturnType<typeof languageFamily>): boolean {
  switch (family) {
    case 'braces':
      return (/[{[(]$/.test(left) && (right === '' || /^[)\]};,]+$/.test(right))) || (right === '' && left.endsWith('=>'));
    case 'indentation':
      return right === '' && left.endsWith(':');
    case 'keywords':
      return right === '' && keywordOpener.test(left.slice(-120));
    case 'prose':
      return false;
    default:
      return assertNever(family);
  }
}

/** Whether the next line that is not blank already stands deeper: the block has been written. */
function hasBody(snapshot: DocumentSnapshot): boolean {
  const next = snapshot.below.split('\n', 8).find((line) => !isBlank(line));
  return next !== undefined && indentationOf(next) > indentationOf(snapshot.linePrefix);
}
