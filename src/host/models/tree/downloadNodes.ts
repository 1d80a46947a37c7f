import * as l10n from '@vscode/l10n';
import { downloadText } from '../../../engine/protocol/downloadText.js';
import type { Download } from '../../../engine/protocol/modelTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';
import { downloadRowText } from '../downloadRowText.js';
import { downloadRow } from './modelRows.js';

const icons: Record<Download['status']['state'], string> = {
  queued: 'clock',
  downloading: 'cloud-download',
  paused: 'debug-pause',
  verifying: 'loading~spin',
  failed: 'error',
};

/** The state without its figures, for screen readers: what changes all the time would be read out all the time. */
const words: Record<Download['status']['state'], () => string> = {
  queued: () => l10n.t('waiting for its turn'),
  downloading: () => l10n.t('under way'),
  paused: () => l10n.t('paused'),
  verifying: () => l10n.t('verifying'),
  failed: () => l10n.t('stopped'),
};

/** What the row says in words has a row of its own: it changes all the time, and the name beside it would leave it no room. */
function stateNode(row: string, download: Download): TreeNode {
  const { status } = download;
  if (status.state !== 'failed') return treeNode(`${row}/state`, downloadRowText(download), 'dashboard', { tooltip: escapeMarkdown(downloadText(download)) });
  const why = downloadText(download);
  // Its words begin with a path, of which a narrow sidebar would show nothing else.
  const label = status.failure.code === 'checksumMismatch' ? l10n.t('Its checksum differs: it is not used') : why;
  return treeNode(`${row}/failure`, label, 'info', { tone: 'bad', tooltip: escapeMarkdown(why), spoken: why });
}

/** A download: which model, how far it is, and the actions that fit its state. */
export function downloadNode(download: Download): TreeNode {
  const { id, name, quantization, status } = download;
  const row = downloadRow(id);
  const title = quantization === '' ? name : l10n.t('{0}, {1}', name, quantization);
  return treeNode(row, name, icons[status.state], {
    // The file's name often has it already.
    description: name.toLowerCase().includes(quantization.toLowerCase()) ? '' : quantization,
    tone: status.state === 'failed' ? 'bad' : 'plain',
    tooltip: `**${escapeMarkdown(title)}**\n\n${l10n.t('from {0}', escapeMarkdown(download.from))}`,
    spoken: l10n.t('Download of {0}: {1}', title, words[status.state]()),
    context: `download.${status.state}`,
    children: [stateNode(row, download)],
  });
}
