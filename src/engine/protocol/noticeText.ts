import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import type { EngineNotice } from './engineTypes.js';
import { formatBytes } from './failureText.js';
import { type Surface, wordsFor } from './surface.js';

/** A notice in the user's language: what happened, why, what can be done. */
export function noticeText(notice: EngineNotice, surface: Surface = 'editor'): string {
  switch (notice.kind) {
    case 'memoryPressure':
      return pressureText(notice);
    case 'reduced':
      return `${l10n.t('There was not enough memory for all of {0}: it runs with a context of {1} tokens and a KV cache of the type {2}.', notice.model, notice.contextSize, notice.kvType)} ${reducedAdvice(surface)}`;
    default:
      return assertNever(notice);
  }
}

function reducedAdvice(surface: Surface): string {
  return wordsFor(surface)(
    l10n.t('A smaller model or quantization would leave room for more, and so would a larger seekpod.engine.memoryBudgetGb if one is set.'),
    l10n.t('A smaller model or quantization would leave room for more.'),
  );
}

function pressureText({ critical, availableBytes, unloaded }: Extract<EngineNotice, { kind: 'memoryPressure' }>): string {
  const short = l10n.t('The system is short of memory, with {0} left.', formatBytes(availableBytes));
  const freed = unloaded.length === 0 ? '' : ` ${l10n.t('Models that were idle have been unloaded: {0}. The next request loads them again.', unloaded.join(', '))}`;
  const refused = critical ? ` ${l10n.t('Until there is more, no model is loaded. Close other programs, or choose a smaller model.')}` : '';
  return `${short}${freed}${refused}`;
}
