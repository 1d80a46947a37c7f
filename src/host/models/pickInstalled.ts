import * as vscode from 'vscode';
import { sizeText } from '../../engine/protocol/modelText.js';
import type { InstalledModel } from '../../engine/protocol/modelTypes.js';
import { type ChoiceGroup, waiting } from './choose/choice.js';
import { pickStep } from './choose/pickStep.js';
import type { ModelsState } from './modelsState.js';

/** Lets the user choose among the models of this machine. Undefined when none is chosen. */
export async function pickInstalled(state: ModelsState, title: string, suits: (model: InstalledModel) => boolean): Promise<InstalledModel | undefined> {
  const groups = (): ChoiceGroup<InstalledModel>[] => [{
    heading: vscode.l10n.t('On this machine'),
    choices: (state.status?.installed ?? []).filter(suits).map((model) => ({ icon: 'package', label: model.name, description: [model.quantization, sizeText(model.bytes)].join(' · '), value: model })),
  }];
  const picked = await state.whileHeld(() => pickStep({ title, placeholder: vscode.l10n.t('Which model?'), groups: [waiting(vscode.l10n.t('Starting the engine…'))], complete: async (signal) => (await state.known(signal), groups()), back: false }));
  return picked.kind === 'chosen' ? picked.value : undefined;
}
