import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import { failureText, formatBytes } from './failureText.js';
import type { Download } from './modelTypes.js';
import { byteRateText } from './podText.js';
import type { Surface } from './surface.js';

/** `45 s`, `12 min`, `3 h 5 min`: how long something still takes, no more exact than one knows. */
export function durationText(seconds: number): string {
  if (seconds < 60) return l10n.t('{0} s', Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? l10n.t('{0} min', minutes) : l10n.t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60);
}

/** How much has come: `1.2 GB of 4.7 GB`. */
export function receivedText({ receivedBytes, totalBytes }: Pick<Download, 'receivedBytes' | 'totalBytes'>): string {
  return totalBytes === 0 ? formatBytes(receivedBytes) : l10n.t('{0} of {1}', formatBytes(receivedBytes), formatBytes(totalBytes));
}

/** How a download is doing, in one line without its name. */
export function downloadText(download: Download, surface: Surface = 'editor'): string {
  const { status, from } = download;
  switch (status.state) {
    case 'queued':
      return l10n.t('waiting for its turn');
    case 'downloading': {
      const figures = [receivedText(download), byteRateText(status.rate)];
      if (status.secondsLeft !== null) figures.push(l10n.t('{0} left', durationText(status.secondsLeft)));
      if (from !== '') figures.push(l10n.t('from {0}', from));
      return figures.join(' · ');
    }
    case 'paused':
      return l10n.t('paused, {0}', receivedText(download));
    case 'verifying':
      return l10n.t('verifying, {0} %', Math.floor(status.progress * 100));
    case 'failed':
      return [failureText(status.failure, surface), ...againText(status.againAt)].join(' ');
    default:
      return assertNever(status);
  }
}

function againText(at: number | undefined): string[] {
  return at === undefined ? [] : [l10n.t('It is tried again at {0}.', new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }))];
}

/** How far a download is, from 0 to 1; `null` while that is not known. */
export function downloadProgress({ receivedBytes, totalBytes }: Pick<Download, 'receivedBytes' | 'totalBytes'>): number | null {
  return totalBytes === 0 ? null : Math.min(1, receivedBytes / totalBytes);
}
