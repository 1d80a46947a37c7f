import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { EngineError, type Role } from '../../engine/base/errors.js';
import type { ModelsClient } from '../../engine/client/modelsClient.js';
import { trapText } from '../../engine/protocol/modelText.js';
import type { InstalledModel } from '../../engine/protocol/modelTypes.js';
import { modelPath, type Places } from '../engineOptions.js';
import { modelLabel } from '../modelLabel.js';
import { contextSizeFor, ownContextSize } from '../modelOverrides.js';
import { notificationText } from '../notificationText.js';
import { pickModelFile } from '../pickModelFile.js';
import { writeSetting } from '../settings.js';
import type { SettingsReader } from '../settingsReader.js';
import { withCancel } from '../withCancel.js';
import { modelRoles, settingOf, suits } from './modelUse.js';
import type { ModelsState } from './modelsState.js';

const pathSettings = { completion: 'model.completionPath', chat: 'model.chatPath' } as const;

export interface ModelFilesDeps {
  readonly models: ModelsClient;
  readonly state: ModelsState;
  readonly settings: SettingsReader;
  readonly places: Places;
  /** Offers the pod for a chat model that does not fit here; answers whether that is settled. */
  readonly offerPod: (file: string) => Promise<boolean>;
}

/** What the user does with model files that are on this machine: take one into the list, give one a role. */
export class ModelFiles {
  constructor(private readonly deps: ModelFilesDeps) {}

  /**
   * Gives a model a role: the setting changes, and the engine follows. Refuses one that is not made for it.
   * @param fitsHere known to fit on this machine, so that the pod need not be considered.
   */
  async use(model: InstalledModel, role: Role, fitsHere = model.origin === 'bundled'): Promise<void> {
    if (!suits(model, role)) throw new EngineError({ code: 'wrongRole', model: model.name, role });
    if (role === 'chat' && !fitsHere && (await this.deps.offerPod(model.path))) return;
    await this.#fitContext(model, role);
    await writeSetting(pathSettings[role], settingOf(model));
  }

  /**
   * A context that the settings name as a number is not made smaller by the engine, which would refuse the model. Whoever chooses one that
   * fits with less is asked for nothing more: it gets what fits, and the others keep theirs.
   */
  async #fitContext({ name, path: file }: InstalledModel, role: Role): Promise<void> {
    const { settings } = this.deps;
    const wanted = contextSizeFor(settings.current, role, file);
    if (wanted === 0) return;
    const { files: [judged] } = await withCancel(vscode.l10n.t('Checking {0}', name), (signal) => this.deps.models.fit(file, { role, contextSize: wanted }, signal));
    if (judged?.fit.verdict !== 'smallerContext') return;
    const { contextSize } = judged.fit;
    const overrides = ownContextSize({ settings: settings.current, invalid: settings.invalid }, file, contextSize);
    if (overrides === null) return;
    await writeSetting('models.overrides', overrides);
    void tellContext(vscode.l10n.t('{0} gets a context of {1} tokens: there is no memory for {2}. It is in the setting models.overrides.', name, contextSize, wanted));
  }

  /** The same for a model that is known by its id. */
  async useInstalled(id: string, role: Role, fitsHere: boolean): Promise<void> {
    const model = this.deps.state.status?.installed.find((candidate) => candidate.id === id);
    if (model === undefined) throw new EngineError({ code: 'unknownModel', model: id });
    await this.use(model, role, fitsHere);
  }

  /** The same for a file that the settings name: it is taken into the list first. */
  async usePath(setting: string, role: Role): Promise<void> {
    await this.use(await this.#import(modelPath(setting, this.deps.places)), role);
  }

  /** Lets the user choose a file for a role. */
  async pick(role: Role): Promise<void> {
    const file = await this.#choose(role);
    if (file !== undefined) await this.usePath(file, role);
  }

  /** Takes files into the list and says what they are good for; asks for one unless some are named. */
  async add(named: readonly string[] = []): Promise<void> {
    const chosen = named.length > 0 ? undefined : await this.#choose('chat');
    for (const file of chosen === undefined ? named : [chosen]) await this.#tell(await this.#import(file));
  }

  #choose(role: Role): Promise<string | undefined> {
    const { model } = this.deps.settings.current;
    const own = role === 'chat' ? model.chatPath : model.completionPath;
    const folder = own === '' ? os.homedir() : path.dirname(modelPath(own, this.deps.places));
    return pickModelFile(vscode.Uri.file(folder), vscode.l10n.t('Choose a GGUF file'));
  }

  #import(file: string): Promise<InstalledModel> {
    return withCancel(vscode.l10n.t('Checking {0}', modelLabel(file)), (signal) => this.deps.models.import(file, signal));
  }

  async #tell(model: InstalledModel): Promise<void> {
    const forChat = vscode.l10n.t('Use for Chat');
    const forCompletion = vscode.l10n.t('Use for Completion');
    const buttons = modelRoles(model).map((role) => (role === 'chat' ? forChat : forCompletion));
    // What is there already needs no warning about its download.
    const traps = model.traps.filter((trap) => trap !== 'unverified');
    const text = [vscode.l10n.t('{0} is in the list of models now.', model.name), ...traps.map(trapText)].join(' ');
    const show = traps.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    const chosen = await show(notificationText(text), ...buttons);
    if (chosen === forChat) await this.use(model, 'chat');
    if (chosen === forCompletion) await this.use(model, 'completion');
  }
}

/** With a button, for VS Code would cut the text to one line. */
async function tellContext(text: string): Promise<void> {
  const open = vscode.l10n.t('Open Settings');
  const chosen = await vscode.window.showInformationMessage(notificationText(text), open);
  if (chosen === open) await vscode.commands.executeCommand('workbench.action.openSettings', 'seekpod.models.overrides');
}
