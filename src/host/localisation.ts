import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';

/** Gives the rooms that do not know VS Code (engine texts, pure host parts) the translations of VS Code's display language. */
export function configureLocalisation(): void {
  if (vscode.l10n.bundle !== undefined) l10n.config({ contents: vscode.l10n.bundle });
}
