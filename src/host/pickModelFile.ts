import * as vscode from 'vscode';

/** Lets the user choose a model file; answers its path. */
export async function pickModelFile(start: vscode.Uri, title: string): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    defaultUri: start,
    title,
    openLabel: vscode.l10n.t('Use This Model'),
    filters: { [vscode.l10n.t('GGUF models')]: ['gguf'] },
  });
  return files?.[0]?.fsPath;
}
