import * as l10n from '@vscode/l10n';
import type { Role } from '../../../engine/base/errors.js';
import { roleText, sizeText, trapLabel } from '../../../engine/protocol/modelText.js';
import type { FileOffer, InstalledModel, ModelOffer } from '../../../engine/protocol/modelTypes.js';
import { suits } from '../modelUse.js';
import type { Choice, ChoiceGroup } from './choice.js';
import { fitText, verdictIcon } from './fitText.js';

/** What the first list of the picker leads to. */
export type ModelChoice =
  | { readonly kind: 'installed'; readonly model: InstalledModel }
  | { readonly kind: 'offer'; readonly offer: ModelOffer }
  /** The file that the other part of the engine uses. */
  | { readonly kind: 'same'; readonly path: string }
  | { readonly kind: 'file' }
  | { readonly kind: 'address' };

/** The part of the engine that a recommendation for one of these roles is about. */
function recommended(file: FileOffer, role: Role): boolean {
  return suits({ roles: file.recommendedFor }, role);
}

const order = ['fits', 'smallerContext', 'pod', 'tooLarge'] as const;

/** The file that stands for a model in the list: the recommended one, else the best that can run here. */
export function bestFile({ files }: Pick<ModelOffer, 'files'>, role: Role): FileOffer | undefined {
  const rank = (file: FileOffer): number => (recommended(file, role) ? -1 : order.indexOf(file.fit.verdict));
  return files.toSorted((a, b) => rank(a) - rank(b) || b.bytes - a.bytes)[0];
}

function installedChoice(model: InstalledModel, inUse: boolean): Choice<ModelChoice> {
  const use = inUse ? [l10n.t('in use')] : [];
  return {
    icon: inUse ? 'pass-filled' : 'package', label: model.name,
    description: [...use, model.quantization, sizeText(model.bytes)].join(' · '),
    detail: model.origin === 'bundled' ? l10n.t('Comes with Seekpod: small, for demonstration, and often wrong') : [...model.roles.map(roleText), ...model.traps.map(trapLabel)].join(' · '),
    value: { kind: 'installed', model },
  };
}

function offerChoice(offer: ModelOffer, file: FileOffer, role: Role): Choice<ModelChoice> {
  const facts = [file.quantization, sizeText(file.bytes), ...(offer.roles.includes('reasoning') ? [roleText('reasoning')] : [])];
  const star = recommended(file, role);
  if (offer.unsupported !== null) return { icon: 'circle-slash', label: offer.name, description: facts.join(' · '), detail: l10n.t('Cannot run with this version: {0}', offer.unsupported) };
  return {
    icon: star ? 'star-full' : verdictIcon(file.fit.verdict), label: offer.name,
    description: facts.join(' · '),
    detail: fitText(file.fit),
    value: { kind: 'offer', offer },
  };
}

/** Offers for a role with the file that stands for each of what is not here yet, the recommended ones first, those that cannot run here last. */
function offersFor(role: Role, offers: readonly ModelOffer[]): { readonly offer: ModelOffer; readonly file: FileOffer }[] {
  const suiting = offers.filter((offer) => suits(offer, role)).flatMap((offer) => {
    const file = bestFile({ files: offer.files.filter(({ installed }) => installed === null) }, role);
    return file === undefined ? [] : [{ offer, file }];
  });
  const rank = ({ offer, file }: (typeof suiting)[number]): number => (offer.unsupported !== null ? order.length : order.indexOf(file.fit.verdict));
  return suiting.toSorted((a, b) => rank(a) - rank(b));
}

/** The models of this machine that are made for a role. */
export function installedGroup(role: Role, installed: readonly InstalledModel[], used: string): ChoiceGroup<ModelChoice> {
  const choices = installed.filter((model) => suits(model, role) && !model.missing).map((model) => installedChoice(model, model.path === used));
  return { heading: l10n.t('On this machine'), choices };
}

/** The catalogue for a role, judged for this machine; a model is there as long as one of its files is not here. */
export function offerGroups(role: Role, offers: readonly ModelOffer[]): ChoiceGroup<ModelChoice>[] {
  const all = offersFor(role, offers);
  const group = (heading: string, wanted: boolean): ChoiceGroup<ModelChoice> => ({
    heading,
    choices: all.filter(({ file }) => recommended(file, role) === wanted).map(({ offer, file }) => offerChoice(offer, file, role)),
  });
  return [group(l10n.t('Recommended'), true), group(l10n.t('To download'), false)];
}

/** Ways to a model that is neither here nor in the catalogue. `same`: the file of the other part of the engine, if it is another one. */
export function elsewhereGroup(role: Role, same: string | null): ChoiceGroup<ModelChoice> {
  const shared: Choice<ModelChoice>[] = same === null ? [] : [{
    icon: 'copy', label: role === 'chat' ? l10n.t('The same as for completion') : l10n.t('The same as for the chat'),
    description: same,
    detail: l10n.t('The weights are in memory once.'),
    value: { kind: 'same', path: same },
  }];
  return {
    heading: l10n.t('From elsewhere'),
    choices: [
      { icon: 'folder-opened', label: l10n.t('Choose a GGUF file…'), description: l10n.t('on this machine'), value: { kind: 'file' } },
      { icon: 'globe', label: l10n.t('A model of Hugging Face or any address…'), description: l10n.t('looked at before it is downloaded'), value: { kind: 'address' } },
      ...shared,
    ],
  };
}
