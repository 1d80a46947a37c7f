import * as vscode from 'vscode';
import type { ModelFiles } from './modelFiles.js';

/** Paths of the files that were dropped, from VS Code's own lists (`text/uri-list`) or from the desktop. */
async function droppedFiles(transfer: vscode.DataTransfer): Promise<string[]> {
  const listed = (await transfer.get('text/uri-list')?.asString()) ?? '';
  const fromList = listed.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#')).map((line) => vscode.Uri.parse(line));
  const fromDesktop = Array.from(transfer, ([, item]) => item.asFile()?.uri).filter((uri) => uri !== undefined);
  const files = [...fromList, ...fromDesktop].filter(({ scheme }) => scheme === 'file').map(({ fsPath }) => fsPath);
  return [...new Set(files)];
}

/** Takes dropped model files into the list. */
export async function addDropped(transfer: vscode.DataTransfer, files: ModelFiles): Promise<void> {
  const paths = (await droppedFiles(transfer)).filter((file) => /\.gguf$/i.test(file));
  if (paths.length > 0) await files.add(paths);
  else void vscode.window.showInformationMessage(vscode.l10n.t('Only GGUF files of this machine can be dropped here.'));
}
