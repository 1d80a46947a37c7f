import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';

export const selectionActions = ['explain', 'fix', 'writeTests', 'document'] as const;
/** What can be asked about a piece of code without typing a question. */
export type SelectionAction = (typeof selectionActions)[number];

/** The question; the code goes along as an attachment. */
export function templateQuestion(action: SelectionAction): string {
  switch (action) {
    case 'explain':
      return l10n.t('Explain what this code does, step by step.');
    case 'fix':
      return l10n.t('Find and fix the problems in this code. Say what was wrong, then give the whole corrected code.');
    case 'writeTests':
      return l10n.t('Write unit tests for this code. Cover the usual case, the edge cases and the errors.');
    case 'document':
      return l10n.t('Add documentation comments to this code in the style of its language. Give the whole code and change nothing else.');
    default:
      return assertNever(action);
  }
}
