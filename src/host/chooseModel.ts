import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Role } from '../engine/base/errors.js';
import { modelPath, type Places } from './engineOptions.js';
import { pickModelFile } from './pickModelFile.js';
import type { SettingsReader } from './settingsReader.js';
import { writeSetting } from './settings.js';

const pathSettings = { completion: 'model.completionPath', chat: 'model.chatPath' } as const;

interface Choice extends vscode.QuickPickItem {
  readonly act: () => Promise<string | undefined>;
}

export interface ChooseModelDeps {
  readonly settings: SettingsReader;
  readonly places: Places;
  /** Offers the pod for a chat model that does not fit here; answers whether that is settled. */
  readonly offerPod: (file: string) => Promise<boolean>;
}

/** Lets the user name the model of a role: the bundled one, the other role's, or a file. The setting changes; the engine follows. */
export async function chooseModel(role: Role, { settings, places, offerPod }: ChooseModelDeps): Promise<void> {
  const title = role === 'chat' ? vscode.l10n.t('Model for the chat') : vscode.l10n.t('Model for code completion');
  const { completionPath, chatPath } = settings.current.model;
  const [own, other] = role === 'chat' ? [chatPath, completionPath] : [completionPath, chatPath];
  const folder = own === '' ? os.homedir() : path.dirname(modelPath(own, places));
  const choices: Choice[] = [
    {
      label: `$(folder-opened) ${vscode.l10n.t('Choose a GGUF file…')}`,
      ...(own === '' ? {} : { description: own }),
      act: () => pickModelFile(vscode.Uri.file(folder), title),
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
  if (value === undefined) return;
  if (role === 'chat' && value !== '' && (await offerPod(modelPath(value, places)))) return;
  await writeSetting(pathSettings[role], value);
}
