import * as vscode from 'vscode';

const key = 'seekpod.models.token';

/** The user's access token for the hub. It is kept in VS Code's store for secrets and nowhere else. */
export class AccessToken {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  async read(): Promise<string | null> {
    return (await this.secrets.get(key)) ?? null;
  }

  /** Calls back when any window changes it. */
  onChange(listener: () => void): vscode.Disposable {
    return this.secrets.onDidChange((event) => {
      if (event.key === key) listener();
    });
  }

  /** Asks for a token; an empty one removes the present one. */
  async ask(): Promise<void> {
    const present = await this.read();
    const token = await vscode.window.showInputBox({
      title: vscode.l10n.t('Access token'),
      prompt: present === null
        ? vscode.l10n.t('For models that are given only to those who are signed in. It is sent to the address of seekpod.models.endpoint alone, and kept in the store for secrets.')
        : vscode.l10n.t('There is a token already. Write another one, or leave it empty to remove it.'),
      placeHolder: 'hf_…',
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/^[\x21-\x7e]{0,1024}$/.test(value.trim()) ? undefined : vscode.l10n.t('A token has no spaces and at most 1024 characters.')),
    });
    if (token === undefined) return;
    if (token.trim() === '') await this.secrets.delete(key);
    else await this.secrets.store(key, token.trim());
  }
}
