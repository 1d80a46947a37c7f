import * as vscode from 'vscode';
import { EngineError, failureOf, type Role } from '../../../engine/base/errors.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import { fitsHere, modelRoles } from '../modelUse.js';
import type { FileOffer, ModelOffer } from '../../../engine/protocol/modelTypes.js';
import type { ModelsClient } from '../../../engine/client/modelsClient.js';
import { modelPath, type Places } from '../../engineOptions.js';
import { modelLabel } from '../../modelLabel.js';
import type { SettingsReader } from '../../settingsReader.js';
import type { Licences } from '../licences.js';
import type { ModelDownloads } from '../modelDownloads.js';
import type { ModelFiles } from '../modelFiles.js';
import type { ModelsState } from '../modelsState.js';
import { askForAddress } from './askForAddress.js';
import { type ChoiceGroup, waiting } from './choice.js';
import { detailGroups, type FileAction, fileChoices, fileLabel } from './fileChoices.js';
import { lookAt } from './lookAt.js';
import { elsewhereGroup, installedGroup, type ModelChoice, offerGroups } from './modelChoices.js';
import { type Picked, pickStep } from './pickStep.js';

export interface ChooseModelDeps {
  readonly models: ModelsClient;
  readonly state: ModelsState;
  readonly files: ModelFiles;
  readonly downloads: ModelDownloads;
  readonly licences: Licences;
  readonly settings: SettingsReader;
  readonly places: Places;
}

const titleOf = (role: Role): string => (role === 'chat' ? vscode.l10n.t('Model for the chat') : vscode.l10n.t('Model for code completion'));

/** Asks what the model is for, unless that is said, and lets the user choose one: of this machine, of the catalogue, or from anywhere. */
export async function chooseModel(deps: ChooseModelDeps, named?: Role): Promise<void> {
  const role = named ?? (await askForRole(deps));
  if (role === undefined) return;
  await deps.state.whileHeld(async () => {
    // Every turn begins with the first list: whoever goes back from the second one is there again.
    for (;;) {
      const picked = await pickStep(modelStep(deps, role));
      if (picked.kind !== 'chosen') return;
      if ((await settle(deps, role, picked.value)) === 'done') return;
    }
  });
}

async function askForRole({ settings, places }: ChooseModelDeps): Promise<Role | undefined> {
  const { completionPath, chatPath } = settings.current.model;
  const now = (path: string): string => vscode.l10n.t('now: {0}', modelLabel(modelPath(path, places)));
  const picked = await pickStep<Role>({
    title: vscode.l10n.t('Choose a model'),
    placeholder: vscode.l10n.t('What is it for?'),
    back: false,
    groups: [{
      heading: vscode.l10n.t('A model is made for one of them, and they can run beside each other'),
      choices: [
        { icon: 'comment-discussion', label: vscode.l10n.t('Chat and reasoning'), description: now(chatPath), detail: vscode.l10n.t('Answers questions and edits code.'), value: 'chat' },
        { icon: 'code', label: vscode.l10n.t('Code completion'), description: now(completionPath), detail: vscode.l10n.t('Suggests while you type: small and quick is best.'), value: 'completion' },
      ],
    }],
  });
  return picked.kind === 'chosen' ? picked.value : undefined;
}

function modelStep({ models, state, settings, places }: ChooseModelDeps, role: Role) {
  const { completionPath, chatPath } = settings.current.model;
  const [own, other] = role === 'chat' ? [chatPath, completionPath] : [completionPath, chatPath];
  const elsewhere = elsewhereGroup(role, other === own || other === '' ? null : other);
  const installed = (): ChoiceGroup<ModelChoice> => installedGroup(role, state.status?.installed ?? [], modelPath(own, places));
  return {
    title: titleOf(role),
    placeholder: vscode.l10n.t('Which model? Those with a star suit this machine best.'),
    back: false,
    groups: [waiting(vscode.l10n.t('Judging the models for this machine…'))],
    async complete(signal: AbortSignal) {
      try {
        const [offers] = await Promise.all([models.offers({ role, contextSize: settings.current[role].contextSize }, signal), state.known(signal)]);
        return [installed(), ...offerGroups(role, offers), elsewhere];
      } catch (error) {
        const failed: ChoiceGroup<ModelChoice> = { heading: vscode.l10n.t('To download'), choices: [{ icon: 'error', label: vscode.l10n.t('The catalogue cannot be shown'), detail: failureText(failureOf(error)) }] };
        return [installed(), failed, elsewhere];
      }
    },
  };
}

type Settled = 'done' | 'back';

async function settle(deps: ChooseModelDeps, role: Role, choice: ModelChoice): Promise<Settled> {
  switch (choice.kind) {
    case 'installed':
      await deps.files.use(choice.model, role);
      return 'done';
    case 'same':
      await deps.files.usePath(choice.path, role);
      return 'done';
    case 'file':
      await deps.files.pick(role);
      return 'done';
    case 'address': {
      const offer = await askForAddress(deps, role);
      return offer === undefined ? 'back' : settleOffer(deps, role, offer);
    }
    case 'offer':
      return settleOffer(deps, role, choice.offer);
  }
}

/** From a model to one of its files, and what to do with it. */
async function settleOffer(deps: ChooseModelDeps, role: Role, offer: ModelOffer): Promise<Settled> {
  if (modelRoles(offer).length > 0 && !modelRoles(offer).includes(role)) throw new EngineError({ code: 'wrongRole', model: offer.name, role });
  const [only, ...others] = offer.files;
  for (;;) {
    const picked: Picked<FileOffer> = only !== undefined && others.length === 0 ? { kind: 'chosen', value: only } : await pickStep({
      title: vscode.l10n.t('{0}: quantization', offer.name),
      placeholder: vscode.l10n.t('Fewer bits are smaller and faster, more bits are better.'),
      groups: [{ heading: '', choices: fileChoices(offer, role) }],
      back: true,
    });
    if (picked.kind !== 'chosen') return picked.kind === 'back' ? 'back' : 'done';
    const { fit, installed, source } = picked.value;
    // Another model may be beside it in its repository: now it is looked at itself.
    const settled = fit.basis === 'repository' && installed === null ? await settleOffer(deps, role, await lookAt(deps, role, source)) : await settleFile(deps, role, offer, picked.value);
    if (settled === 'done' || others.length === 0) return settled;
  }
}

async function settleFile({ downloads, licences, files }: ChooseModelDeps, role: Role, offer: ModelOffer, file: FileOffer): Promise<Settled> {
  for (;;) {
    const picked: Picked<FileAction> = await pickStep({
      title: vscode.l10n.t('{0}, {1}', offer.name, fileLabel(offer, file)),
      placeholder: vscode.l10n.t('Enter does what stands first; the rest is what is known of it.'),
      groups: detailGroups(offer, file, role),
      back: true,
    });
    if (picked.kind !== 'chosen') return picked.kind === 'back' ? 'back' : 'done';
    switch (picked.value) {
      case 'use':
        await files.useInstalled(file.installed ?? '', role, fitsHere(file.fit));
        return 'done';
      case 'download':
        await downloads.fetch(offer, file, role);
        return 'done';
      case 'licence':
        if (offer.licence !== null) await licences.show(offer.licence);
        return 'done';
      default:
        // A message that is not modal is cut to one line; the list is there again after this one.
        await vscode.window.showInformationMessage(picked.value.explain, { modal: true });
    }
  }
}
