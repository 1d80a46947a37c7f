import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Role } from '../engine/base/errors.js';
import { modelPath, type Places } from './engineOptions.js';
import type { SettingsReader } from './settingsReader.js';
import { writeSetting } from './settings.js';

const pathSettings = { completion: 'model.completionPath', chat: 'model.chatPath' } as const;

interface Choice extends vscode.QuickPickItem {
  readonly act: () => Promise<string | undefined>;
}

async function pickFile(start: vscode.Uri, title: string): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    defaultUri: start,
    title,
    openLabel: vscode.l10n.t('Use This Model'),
    filters: { [vscode.l10n.t('GGUF models')]: ['gguf'] },
  });
  return files?.[0]?.fsPath;
}

/** Lets the user name the model of a role: the bundled one, the other role's, or a file. The setting changes; the engine follows. */
export async function chooseModel(role: Role, settings: SettingsReader, places: Places): Promise<void> {
  const title = role === 'chat' ? vscode.l10n.t('Model for the chat') : vscode.l10n.t('Model for code completion');
  const { completionPath, chatPath } = settings.current.model;
  const [own, other] = role === 'chat' ? [chatPath, completionPath] : [completionPath, chatPath];
  const folder = own === '' ? os.homedir() : path.dirname(modelPath(own, places));
  const choices: Choice[] = [
    {
      label: `$(folder-opened) ${vscode.l10n.t('Choose a GGUF file…')}`,
      ...(own === '' ? {} : { description: own }),
      act: () => pickFile(vscode.Uri.file(folder), title),
    },
    {
      label: `$(package) ${vscode.l10n.t('The small demonstration model')}`,
      description: vscode.l10n.t('comes with Seekpod'),
      act: async () => '',
    },
  ];
  if (other !== own && other !== '') {
    choices.push({
      label: `$(copy) ${role === 'chat' ? vscode.l10n.t('The same as for completion') : vscode.l10n.t('The same as for the chat')}`,
      description: other,
      detail: vscode.l10n.t('The weights are in memory once.'),
      act: async () => other,
    });
  }
  const chosen = await vscode.window.showQuickPick(choices, { title, placeHolder: vscode.l10n.t('Where is the model?') });
  const value = await chosen?.act();
  if (value !== undefined) await writeSetting(pathSettings[role], value);
}
