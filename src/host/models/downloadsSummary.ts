import * as l10n from '@vscode/l10n';
import type { Download } from '../../engine/protocol/modelTypes.js';
import { downloadRowText, percentOf } from './downloadRowText.js';

/** What the status bar says of all downloads together; `null` where nothing is under way and nothing has failed. */
export function downloadsSummary(downloads: readonly Download[]): { readonly text: string; readonly spoken: string } | null {
  const failed = downloads.filter(({ status }) => status.state === 'failed');
  const running = downloads.filter(({ status }) => status.state !== 'failed' && status.state !== 'paused');
  const [first] = running;
  if (first !== undefined) {
    const sum = (of: (download: Download) => number): number => running.reduce((total, download) => total + of(download), 0);
    const percent = percentOf({ receivedBytes: sum(({ receivedBytes }) => receivedBytes), totalBytes: sum(({ totalBytes }) => totalBytes) });
    const spoken = running.length === 1 ? l10n.t('Download of {0}: {1}', first.name, downloadRowText(first)) : l10n.t('{0} downloads: {1} %', running.length, percent);
    return { text: first.status.state === 'verifying' && running.length === 1 ? `$(sync~spin) ${l10n.t('verifying')}` : `$(cloud-download) ${l10n.t('{0} %', percent)}`, spoken };
  }
  return failed.length === 0 ? null : { text: `$(warning) ${l10n.t('download stopped')}`, spoken: l10n.t('A download has stopped. Open the Models view to see why.') };
}
