import * as l10n from '@vscode/l10n';
import { assertNever, type MemoryChoice } from '../base/errors.js';

/** A button for what would make a model fit, in the user's language; dots where more is asked. */
export function memoryChoiceTitle(choice: MemoryChoice): string {
  switch (choice.kind) {
    case 'kvType':
      return l10n.t('Use a KV Cache of {0}', choice.kvType);
    case 'smallerContext':
      return l10n.t('Use a Context of {0}', choice.contextSize);
    case 'smallerQuantization':
      return l10n.t('Choose a Smaller Model…');
    case 'pod':
      return l10n.t('Run on the Pod…');
    default:
      return assertNever(choice);
  }
}
