import * as l10n from '@vscode/l10n';
import { formatBytes } from '../engine/protocol/failureText.js';
import { basisText, cacheText, checksumText, originText, parametersText, quirkText, roleText, sizeText, trapLabel, trapText, verdictWithContext } from '../engine/protocol/modelText.js';
import { type Download, type FileOffer, type InstalledModel, type ModelOffer, type ModelRole, type ModelsStatus, neededBytes, type Trap } from '../engine/protocol/modelTypes.js';
import { tokenRateText } from '../engine/protocol/podText.js';
import { offerName } from './modelName.js';
import { table } from './table.js';
import { downloadWords } from './words.js';

/** What is on this machine, what is on its way, and what the catalogue has; without offers the catalogue is left out. */
export function listText({ installed, downloads, directory, freeDiskBytes }: ModelsStatus, offers: readonly ModelOffer[] | null): string {
  const sections = [
    `${l10n.t('On this machine; {0} free in {1}', formatBytes(freeDiskBytes), directory)}\n${installed.length === 0 ? `  ${l10n.t('none')}\n` : indented(table(installed.map(installedRow)))}`,
    downloads.length === 0 ? '' : `${l10n.t('On the way')}\n${indented(table(downloads.map(downloadRow)))}`,
    offers === null ? '' : `${l10n.t('To be had with "seekpod models pull"')}\n${indented(table(offers.flatMap(offerRows)))}`,
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function installedRow(model: InstalledModel): string[] {
  return [model.id, model.name, model.quantization, formatBytes(model.bytes), rolesText(model.roles), installedState(model), model.path];
}

function installedState({ missing, origin, checksum, traps }: InstalledModel): string {
  if (missing) return l10n.t('the file is gone');
  return [origin === 'bundled' ? originText(origin) : checksumText(checksum), ...trapLabels(traps)].join(', ');
}

function downloadRow(download: Download): string[] {
  return [download.name, download.quantization, downloadWords(download)];
}

function offerRows(offer: ModelOffer): string[][] {
  return offer.files.map((file) => [
    offerName(offer, file),
    parametersText(offer.parameters),
    sizeText(file.bytes),
    offer.unsupported === null ? verdictWithContext(file.fit) : l10n.t('cannot run: {0}', offer.unsupported),
    offer.unsupported !== null || file.fit.tokensPerSecond === null ? '' : tokenRateText(file.fit.tokensPerSecond),
    [
      rolesText(offer.roles),
      ...(file.recommendedFor.length === 0 ? [] : [l10n.t('recommended for {0}', rolesText(file.recommendedFor))]),
      ...(file.installed === null ? [] : [l10n.t('installed')]),
      ...trapLabels(file.traps),
    ].join(', '),
  ]);
}

/** A model and those of its files that are asked about: whether they run here, what the memory is for, what a chat with it must heed, and what is wrong with them. */
export function fitText(offer: ModelOffer): string {
  const facts = [parametersText(offer.parameters), rolesText(offer.roles), l10n.t('{0} layers', offer.layers), l10n.t('trained for {0} tokens', offer.contextSize)];
  const title = `${offer.name}: ${facts.join(' · ')}\n${indented((offer.quirks ?? []).map((quirk) => `${quirkText(quirk)}\n`).join(''))}`;
  return [title, ...offer.files.map((file) => fileText(offer, file)), warningsText([...new Set(offer.files.flatMap(({ traps }) => traps))])].filter((text) => text !== '').join('\n');
}

function fileText(offer: ModelOffer, { quantization, bytes, fit, traps }: FileOffer): string {
  const { weights, kvCache, compute, reserve } = fit.memory;
  const speed = fit.tokensPerSecond === null ? [] : [l10n.t('{0} expected', tokenRateText(fit.tokensPerSecond))];
  const verdict = offer.unsupported === null ? [verdictWithContext(fit), ...speed, basisText(fit.basis)] : [l10n.t('cannot run: {0}', offer.unsupported)];
  const memory = table([
    [l10n.t('weights'), formatBytes(weights)],
    [l10n.t('KV cache'), formatBytes(kvCache), cacheText(fit)],
    [l10n.t('compute buffers'), formatBytes(compute)],
    [l10n.t('together'), formatBytes(neededBytes(fit.memory)), l10n.t('{0} can be used; {1} stay with the system', formatBytes(fit.availableBytes), formatBytes(reserve))],
  ]);
  return `${[quantization, sizeText(bytes), ...verdict, ...trapLabels(traps)].join(' · ')}\n${indented(memory)}`;
}

/** The known traps in whole sentences. */
export function warningsText(traps: readonly Trap[]): string {
  return traps.map((trap) => `! ${trapText(trap)}\n`).join('');
}

/** What was taken into the list, in one line. */
export function installedText({ name, quantization, bytes, roles, path }: InstalledModel): string {
  return l10n.t('{0} {1}, {2}, for {3}: {4}', name, quantization, formatBytes(bytes), rolesText(roles), path);
}

export function rolesText(roles: readonly ModelRole[]): string {
  return roles.map(roleText).join(', ');
}

function trapLabels(traps: readonly Trap[]): string[] {
  return traps.map(trapLabel);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
