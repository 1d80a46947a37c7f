import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { formatBytes } from '../../../engine/protocol/failureText.js';
import { verdictWithContext } from '../../../engine/protocol/modelText.js';
import { type Fit, neededBytes } from '../../../engine/protocol/modelTypes.js';
import { tokenRateText } from '../../../engine/protocol/podText.js';

/** The icon of a verdict, which always stands beside its words. */
export function verdictIcon(verdict: Fit['verdict']): string {
  switch (verdict) {
    case 'fits':
      return 'pass';
    case 'smallerContext':
      return 'fold';
    case 'pod':
      return 'server';
    case 'tooLarge':
      return 'circle-slash';
    default:
      return assertNever(verdict);
  }
}

/** Whether a model can run here, how fast, and in how much memory: one line. */
export function fitText(fit: Fit): string {
  const memory = l10n.t('needs {0} of {1} memory', formatBytes(neededBytes(fit.memory)), formatBytes(fit.availableBytes));
  return [verdictWithContext(fit), ...(fit.tokensPerSecond === null ? [] : [l10n.t('about {0}', tokenRateText(fit.tokensPerSecond))]), memory].join(' · ');
}
