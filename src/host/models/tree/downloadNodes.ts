import * as l10n from '@vscode/l10n';
import { downloadText } from '../../../engine/protocol/downloadText.js';
import { failureText } from '../../../engine/protocol/failureText.js';
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

function failureNode(row: string, { status }: Download): TreeNode[] {
  if (status.state !== 'failed') return [];
  const why = failureText(status.failure);
  return [treeNode(`${row}/failure`, why, 'info', { tone: 'bad', tooltip: escapeMarkdown(why) })];
}

/** A download: how far it is, and the actions that fit its state. */
export function downloadNode(download: Download): TreeNode {
  const { id, name, quantization, status } = download;
  const row = downloadRow(id);
  const state = downloadRowText(download);
  const title = l10n.t('{0}, {1}', name, quantization);
  return treeNode(row, name, icons[status.state], {
    description: state,
    tone: status.state === 'failed' ? 'bad' : 'plain',
    tooltip: `**${escapeMarkdown(title)}**\n\n${escapeMarkdown(downloadText(download))}`,
    spoken: l10n.t('Download of {0}: {1}', title, state),
    context: `download.${status.state}`,
    children: failureNode(row, download),
  });
}
