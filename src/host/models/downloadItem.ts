import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { downloadText } from '../../engine/protocol/downloadText.js';
import { escapeMarkdown } from '../markdownText.js';
import { downloadsSummary } from './downloadsSummary.js';
import type { ModelsState } from './modelsState.js';

/** How far the downloads are, in the status bar while there are any. */
export function showDownloads(state: ModelsState): Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.window.createStatusBarItem('seekpod.downloads', vscode.StatusBarAlignment.Right, 99));
  item.name = vscode.l10n.t('Seekpod: downloads');
  item.command = 'seekpod.models.focus';
  store.add(state.onChange(() => {
    const downloads = state.status?.downloads ?? [];
    const summary = downloadsSummary(downloads);
    if (summary === null) {
      item.hide();
      return;
    }
    item.text = summary.text;
    item.accessibilityInformation = { label: summary.spoken, role: 'button' };
    item.tooltip = new vscode.MarkdownString(downloads.map((download) => `**${escapeMarkdown(download.name)}**: ${escapeMarkdown(downloadText(download))}`).join('\n\n'));
    item.show();
  }));
  return store;
}
