import * as l10n from '@vscode/l10n';
import type { Failure, FailureCode } from '../../../engine/base/errors.js';
import { memoryChoiceTitle } from '../../../engine/protocol/memoryChoiceText.js';
import type { ViewMessage } from '../../protocol.js';

/** A button that mends something, and what it asks of the host. */
export interface Remedy {
  readonly label: string;
  readonly message: ViewMessage;
}

/** What can be done about a model that does not load, one press away. */
export function remediesFor(failure: Failure): Remedy[] {
  if (failure.code === 'insufficientMemory') return failure.choices.map((choice) => ({ label: memoryChoiceTitle(choice), message: { type: 'memoryChoice', choice } }));
  const otherModel: readonly FailureCode[] = ['modelNotFound', 'modelUnreadable', 'notGguf', 'modelDamaged', 'modelTruncated', 'unsupportedArchitecture', 'unsupportedQuantization', 'wrongRole', 'loadFailed'];
  return otherModel.includes(failure.code) ? [{ label: l10n.t('Choose another model'), message: { type: 'chooseModel' } }] : [];
}
