import * as l10n from '@vscode/l10n';
import { assertNever } from '../engine/base/errors.js';
import { formatBytes } from '../engine/protocol/failureText.js';
import { startStepText, tokenRateText } from '../engine/protocol/podText.js';
import type { Machine, PodRun } from '../engine/protocol/podTypes.js';
import { failureWords } from './words.js';

/** How a machine stands to this one, in a few words. */
export function machineText({ presence, paired, holder, part, lendableBytes }: Machine): string {
  if (holder !== null && part === null) return l10n.t('in use by {0}', holder);
  switch (presence) {
    case 'seen':
      return paired ? l10n.t('seen') : l10n.t('not paired');
    case 'connecting':
      return l10n.t('connecting');
    case 'connected':
      return lendableBytes === null ? l10n.t('connected, not shared') : l10n.t('lends {0}', formatBytes(lendableBytes));
    case 'away':
      return l10n.t('away');
    default:
      return assertNever(presence);
  }
}

/** What the model on the pod is doing. */
export function runText(run: PodRun): string {
  switch (run.state) {
    case 'off':
      return l10n.t('none');
    case 'idle':
      return l10n.t('{0} loads with the next question', run.path);
    case 'starting':
      return `${run.path}: ${stepText(run)}`;
    case 'running':
      return run.measured === null
        ? l10n.t('{0} runs, {1} expected', run.path, tokenRateText(run.predicted))
        : l10n.t('{0} runs with {1}, {2} expected', run.path, tokenRateText(run.measured), tokenRateText(run.predicted));
    case 'recovering':
      return l10n.t('{0} left the pod; the model is loaded on the rest', run.lost);
    case 'fallback':
      return l10n.t('The local model answers. {0}', failureWords(run.failure));
    default:
      return assertNever(run);
  }
}

/** A start on the pod: the step and how far the whole is. */
export function stepText({ step, progress }: Extract<PodRun, { state: 'starting' }>): string {
  return `${startStepText(step)} ${Math.round(progress * 100)} %`;
}
