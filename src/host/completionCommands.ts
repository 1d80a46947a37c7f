import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import { languageEnabled } from '../engine/completion/completionSettings.js';
import type { SettingsReader } from './settingsReader.js';

/** Commands of completion, as package.json contributes them. */
export function registerCompletionCommands(settings: SettingsReader): Disposable {
  const store = new DisposableStore();
  store.add(
    vscode.commands.registerCommand('seekpod.completion.trigger', () => vscode.commands.executeCommand('editor.action.inlineSuggest.trigger')),
  );
  store.add(
    vscode.commands.registerCommand('seekpod.completion.toggle', async () => {
      await change('enabled', !settings.current.completion.enabled);
    }),
  );
  store.add(
    vscode.commands.registerCommand('seekpod.completion.toggleLanguage', async () => {
      const languageId = vscode.window.activeTextEditor?.document.languageId;
      if (languageId === undefined) return;
      const { languages } = settings.current.completion;
      await change('languages', { ...languages, [languageId]: !languageEnabled(languages, languageId) });
    }),
  );
  return store;
}

/** Writes where the value is set now, so that a workspace's own value does not hide the change. */
async function change(name: 'enabled' | 'languages', value: boolean | Record<string, boolean>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('seekpod.completion');
  const inWorkspace = configuration.inspect(name)?.workspaceValue !== undefined;
  await configuration.update(name, value, inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
}
