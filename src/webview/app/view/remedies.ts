import * as l10n from '@vscode/l10n';
import { assertNever, type Failure, type FailureCode, type MemoryChoice } from '../../../engine/base/errors.js';
import type { ViewMessage } from '../../protocol.js';

/** A button that mends something, and what it asks of the host. */
export interface Remedy {
  readonly label: string;
  readonly message: ViewMessage;
}

function choiceLabel(choice: MemoryChoice): string {
  switch (choice.kind) {
    case 'kvType':
      return l10n.t('Use a KV cache of {0}', choice.kvType);
    case 'smallerContext':
      return l10n.t('Use a context of {0}', choice.contextSize);
    case 'smallerQuantization':
      return l10n.t('Choose a smaller model');
    case 'pod':
      return l10n.t('Run on the pod');
    default:
      return assertNever(choice);
  }
}

/** What can be done about a model that does not load, one press away. */
export function remediesFor(failure: Failure): Remedy[] {
  if (failure.code === 'insufficientMemory') return failure.choices.map((choice) => ({ label: choiceLabel(choice), message: { type: 'memoryChoice', choice } }));
  const otherModel: readonly FailureCode[] = ['modelNotFound', 'modelUnreadable', 'notGguf', 'modelDamaged', 'modelTruncated', 'unsupportedArchitecture', 'unsupportedQuantization', 'wrongRole', 'loadFailed'];
  return otherModel.includes(failure.code) ? [{ label: l10n.t('Choose another model'), message: { type: 'chooseModel' } }] : [];
}
