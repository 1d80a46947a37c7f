import * as l10n from '@vscode/l10n';
import { assertNever } from '../../engine/base/errors.js';
import { failureText, formatBytes } from '../../engine/protocol/failureText.js';
import type { Download } from '../../engine/protocol/modelTypes.js';
import { byteRateText } from '../../engine/protocol/podText.js';

/** Whole percent of a download; 0 while its size is not known. */
export function percentOf({ receivedBytes, totalBytes }: Pick<Download, 'receivedBytes' | 'totalBytes'>): number {
  return totalBytes === 0 ? 0 : Math.floor((100 * receivedBytes) / totalBytes);
}

/** A span of time as people say it while they wait: `40 s left`, `3 min left`, `1 h 20 min left`. */
export function timeLeftText(seconds: number): string {
  if (seconds < 60) return l10n.t('{0} s left', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? l10n.t('{0} min left', minutes) : l10n.t('{0} h {1} min left', Math.floor(minutes / 60), minutes % 60);
}

/** How a download is going, in the few words that a row has room for. */
export function downloadText(download: Download): string {
  const { status } = download;
  const percent = l10n.t('{0} %', percentOf(download));
  switch (status.state) {
    case 'queued':
      return l10n.t('waiting');
    case 'downloading':
      return [percent, byteRateText(status.rate), ...(status.secondsLeft === null ? [] : [timeLeftText(status.secondsLeft)])].join(' · ');
    case 'paused':
      return l10n.t('paused at {0}', percent);
    case 'verifying':
      return l10n.t('verifying, {0} %', Math.floor(status.progress * 100));
    case 'failed':
      return l10n.t('stopped at {0}', percent);
    default:
      return assertNever(status);
  }
}

/** What is known of a download, a line each. */
export function downloadLines(download: Download): string[] {
  const { totalBytes, receivedBytes, from, status } = download;
  const received = totalBytes === 0 ? formatBytes(receivedBytes) : l10n.t('{0} of {1}', formatBytes(receivedBytes), formatBytes(totalBytes));
  return [downloadText(download), received, l10n.t('from {0}', from), ...(status.state === 'failed' ? [failureText(status.failure)] : [])];
}
