import * as vscode from 'vscode';

/** Shows how much of something is done, as a share from 0 to 1, with what it does now. VS Code wants increments; the bar never goes back. */
export function percentProgress(progress: vscode.Progress<{ message?: string; increment?: number }>): (share: number, doing?: string) => void {
  let shown = 0;
  return (share, doing = '') => {
    const percent = Math.floor(share * 100);
    progress.report({ increment: Math.max(0, percent - shown), message: vscode.l10n.t('{0} % {1}', percent, doing).trim() });
    shown = Math.max(shown, percent);
  };
}
