import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import { formatBytes } from './failureText.js';
import type { LayerRange, LeftOutReason, Pairing, PlanPreview, Sharing, StartStep } from './podTypes.js';

// The pod in the user's language, for the view and the terminal alike.

/** `123 456`: people compare groups of three more easily. */
export function digitGroups(digits: Pairing['digits']): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** `12.3 tokens/s`. */
export function tokenRateText(tokensPerSecond: number): string {
  return l10n.t('{0} tokens/s', tokensPerSecond < 100 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond)));
}

/** `11.2 MB/s`. */
export function byteRateText(bytesPerSecond: number): string {
  return l10n.t('{0}/s', formatBytes(Math.round(bytesPerSecond)));
}

/** Seconds as a latency: `0.34 ms`, `12 ms`, `1.2 s`. */
export function latencyText(seconds: number): string {
  if (seconds >= 1) return l10n.t('{0} s', seconds.toFixed(1));
  const milliseconds = seconds * 1_000;
  return l10n.t('{0} ms', milliseconds < 1 ? milliseconds.toFixed(2) : milliseconds < 10 ? milliseconds.toFixed(1) : String(Math.round(milliseconds)));
}

/** `layers 4–12 and output`; layers are counted from 0, as llama.cpp does. */
export function layersText({ first, last, output }: LayerRange): string {
  if (last < first) return output ? l10n.t('output layer') : l10n.t('no layers');
  if (first === last) return output ? l10n.t('layer {0} and output', first) : l10n.t('layer {0}', first);
  return output ? l10n.t('layers {0}–{1} and output', first, last) : l10n.t('layers {0}–{1}', first, last);
}

/** Why a machine has no part in a plan, and what would give it one. */
export function leftOutText(reason: LeftOutReason, holder: string | null): string {
  switch (reason) {
    case 'notPaired':
      return l10n.t('not paired: pair it first');
    case 'notConnected':
      return l10n.t('not connected: is it on and in the same network?');
    case 'notSharing':
      return l10n.t('not shared: share it there');
    case 'notAllowed':
      return l10n.t('shared with other machines only');
    case 'differentBuild':
      return l10n.t('another build: install the same version of Seekpod');
    case 'held':
      return holder === null ? l10n.t('in use by another machine') : l10n.t('in use by {0}', holder);
    case 'noMemory':
      return l10n.t('too little memory for a layer');
    case 'slower':
      return l10n.t('not needed: faster without it');
    case 'noDevice':
      return l10n.t('nothing to lend: it has no GPU, and its processor is not shared');
    case 'tooMany':
      return l10n.t('more machines than a pod can have');
    default:
      return assertNever(reason);
  }
}

/** What is best to do with a planned model, in one sentence. */
export function adviceText({ advice, local, pod }: PlanPreview): string {
  switch (advice) {
    case 'local':
      return pod === null ? l10n.t('It fits on this machine.') : l10n.t('It fits on this machine, and staying here is faster.');
    case 'pod':
      return local.fits ? l10n.t('It fits on this machine, and the pod is faster.') : l10n.t('It does not fit on this machine; the pod can hold it.');
    case 'none':
      return l10n.t('It fits neither on this machine nor on the pod.');
    default:
      return assertNever(advice);
  }
}

/** What this machine alone could do with a planned model. */
export function localPlanText({ local }: PlanPreview): string {
  if (!local.fits) return l10n.t('needs {0}, {1} can be used', formatBytes(local.requiredBytes), formatBytes(local.availableBytes));
  return local.tokensPerSecond === null ? l10n.t('fits') : tokenRateText(local.tokensPerSecond);
}

/** Whether a machine is shared and has no device that may be lent: it has no GPU, and its user has not consented to lend the processor. */
export function lendsNothing(sharing: Sharing): boolean {
  return sharing.state === 'on' && sharing.device === '';
}

/** What a start on the pod is busy with. */
export function startStepText(step: StartStep): string {
  switch (step) {
    case 'connecting':
      return l10n.t('connecting to machines');
    case 'leasing':
      return l10n.t('reserving memory');
    case 'loading':
      return l10n.t('loading');
    case 'ending':
      return l10n.t('ending what ran before');
    default:
      return assertNever(step);
  }
}

/** What this machine lends, without a failure's explanation. */
export function sharingText(sharing: Sharing): string {
  switch (sharing.state) {
    case 'off':
      return l10n.t('not shared');
    case 'on':
      if (lendsNothing(sharing)) return l10n.t('shared, nothing to lend');
      return sharing.borrower === null
        ? l10n.t('shared, {0} to lend', formatBytes(sharing.lendableBytes))
        : l10n.t('in use by {0}, {1}', sharing.borrower.name, formatBytes(sharing.borrower.usedBytes));
    case 'failed':
      return l10n.t('could not be shared');
    default:
      return assertNever(sharing);
  }
}
