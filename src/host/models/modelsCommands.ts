import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import type { Role } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import { checksumText } from '../../engine/protocol/modelText.js';
import type { InstalledModel } from '../../engine/protocol/modelTypes.js';
import { notificationText } from '../notificationText.js';
import { percentProgress } from '../percentProgress.js';
import { reportFailure } from '../reportFailure.js';
import { withCancel } from '../withCancel.js';
import { chooseModel, type ChooseModelDeps } from './choose/chooseModel.js';
import type { Licences } from './licences.js';
import type { ModelFiles } from './modelFiles.js';
import type { ModelsState } from './modelsState.js';
import type { AccessToken } from './network/accessToken.js';
import type { NetworkFollower } from './network/networkFollower.js';
import { pickInstalled } from './pickInstalled.js';
import { downloadOf, modelOf } from './tree/modelRows.js';
import { modelRoles } from './modelUse.js';

export interface ModelsCommandDeps extends ChooseModelDeps {
  readonly models: ModelsClient;
  readonly state: ModelsState;
  readonly files: ModelFiles;
  readonly licences: Licences;
  readonly token: AccessToken;
  readonly network: NetworkFollower;
  readonly log: Logger;
}

/** The commands of the models, for the palette and for the rows of their view, which hand over their ids. */
export function registerModelsCommands(deps: ModelsCommandDeps): Disposable {
  const { models, state, files, licences, token, network, log } = deps;
  const store = new DisposableStore();
  const register = (id: string, action: (argument: unknown) => Promise<void>): void => {
    store.add(vscode.commands.registerCommand(id, (argument: unknown) => reportFailure(log, () => action(argument))));
  };
  const choose = async (role?: Role): Promise<void> => {
    await network.apply();
    await chooseModel(deps, role);
  };
  const modelFor = async (row: unknown, title: string, suits: (model: InstalledModel) => boolean): Promise<InstalledModel | undefined> => {
    const id = modelOf(row);
    return id === undefined ? pickInstalled(state, title, suits) : state.status?.installed.find((model) => model.id === id);
  };
  const give = async (row: unknown, role: Role, title: string): Promise<void> => {
    const model = await modelFor(row, title, (candidate) => modelRoles(candidate).includes(role) && !candidate.missing);
    if (model !== undefined) await files.use(model, role);
  };
  /** VS Code forgets the row of an action for a moment while it redraws the tree; a single download needs no telling which. */
  const download = async (row: unknown, act: (id: string) => Promise<void>): Promise<void> => {
    const all = state.status?.downloads ?? [];
    const id = downloadOf(row) ?? (all.length === 1 ? all[0]?.id : undefined);
    if (id !== undefined) await act(id);
  };

  register('seekpod.chooseModel', () => choose());
  register('seekpod.chooseChatModel', () => choose('chat'));
  register('seekpod.chooseCompletionModel', () => choose('completion'));
  register('seekpod.models.import', () => files.add());
  register('seekpod.models.setToken', async () => {
    await token.ask();
    await network.apply();
  });
  register('seekpod.models.useForChat', (row) => give(row, 'chat', vscode.l10n.t('Use for chat')));
  register('seekpod.models.useForCompletion', (row) => give(row, 'completion', vscode.l10n.t('Use for code completion')));
  register('seekpod.models.verify', async (row) => {
    const model = await modelFor(row, vscode.l10n.t('Verify a model'), ({ missing }) => !missing);
    if (model !== undefined) await verify(models, model);
  });
  register('seekpod.models.remove', async (row) => {
    const model = await modelFor(row, vscode.l10n.t('Remove a model'), ({ origin }) => origin !== 'bundled');
    if (model !== undefined) await remove(models, model);
  });
  register('seekpod.models.pauseDownload', (row) => download(row, (id) => models.pause(id)));
  register('seekpod.models.resumeDownload', (row) => download(row, async (id) => {
    await network.apply();
    await models.resume(id);
  }));
  register('seekpod.models.cancelDownload', (row) => download(row, (id) => cancel(models, state, id)));
  register('seekpod.models.acceptLicence', async () => licences.answer(true));
  register('seekpod.models.declineLicence', async () => licences.answer(false));
  return store;
}

async function verify(models: ModelsClient, { id, name }: InstalledModel): Promise<void> {
  const { checksum } = await withCancel(vscode.l10n.t('Verifying {0}', name), (signal, progress) => models.verify(id, percentProgress(progress), signal));
  const show = checksum === 'differs' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void show(notificationText(vscode.l10n.t('{0}: {1}.', name, checksumText(checksum))));
}

async function remove(models: ModelsClient, { id, name, origin }: InstalledModel): Promise<void> {
  const act = origin === 'downloaded' ? vscode.l10n.t('Delete') : vscode.l10n.t('Remove');
  const detail = origin === 'downloaded' ? vscode.l10n.t('Its file is deleted from this machine. It can be downloaded again.') : vscode.l10n.t('It goes from the list. The file itself stays where it is.');
  const chosen = await vscode.window.showWarningMessage(vscode.l10n.t('Remove {0}?', name), { modal: true, detail }, act);
  if (chosen === act) await models.remove(id);
}

/** What has come is worth a question only where it took a while. */
const worthAQuestionBytes = 100e6;

async function cancel(models: ModelsClient, state: ModelsState, id: string): Promise<void> {
  const download = state.status?.downloads.find((candidate) => candidate.id === id);
  if (download !== undefined && download.receivedBytes > worthAQuestionBytes) {
    const act = vscode.l10n.t('Cancel the Download');
    const chosen = await vscode.window.showWarningMessage(vscode.l10n.t('Cancel the download of {0}?', download.name), { modal: true, detail: vscode.l10n.t('What has come is deleted. Pausing keeps it.') }, act);
    if (chosen !== act) return;
  }
  await models.cancel(id);
}
