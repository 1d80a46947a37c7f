import * as l10n from '@vscode/l10n';
import { assertNever } from '../../engine/base/errors.js';
import { downloadProgress, durationText } from '../../engine/protocol/downloadText.js';
import type { Download } from '../../engine/protocol/modelTypes.js';
import { byteRateText } from '../../engine/protocol/podText.js';

/** Whole percent of a download; 0 while its size is not known. */
export function percentOf(download: Pick<Download, 'receivedBytes' | 'totalBytes'>): number {
  return Math.floor(100 * (downloadProgress(download) ?? 0));
}

/** How a download is going, in the few words that a row of the sidebar has room for. */
export function downloadRowText(download: Download): string {
  const { status } = download;
  const percent = l10n.t('{0} %', percentOf(download));
  switch (status.state) {
    case 'queued':
      return l10n.t('waiting for its turn');
    case 'downloading':
      return [percent, ...(status.rate === 0 ? [] : [byteRateText(status.rate)]), ...(status.secondsLeft === null ? [] : [l10n.t('{0} left', durationText(status.secondsLeft))])].join(' · ');
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
