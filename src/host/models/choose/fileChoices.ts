import * as l10n from '@vscode/l10n';
import type { Role } from '../../../engine/base/errors.js';
import { formatBytes } from '../../../engine/protocol/failureText.js';
import { basisText, cacheText, parametersText, quirkText, roleText, sizeText, trapLabel, trapText, verdictText } from '../../../engine/protocol/modelText.js';
import { type FileOffer, type Fit, type ModelOffer, neededBytes } from '../../../engine/protocol/modelTypes.js';
import { tokenRateText } from '../../../engine/protocol/podText.js';
import { suits } from '../modelUse.js';
import type { Choice, ChoiceGroup } from './choice.js';
import { fitText, verdictIcon } from './fitText.js';

/** What tells a file from the others of its model: its quantization, else where it is. */
export function fileLabel({ files }: ModelOffer, { quantization, source }: FileOffer): string {
  if (quantization !== '' && files.filter((file) => file.quantization === quantization).length === 1) return quantization;
  return source.kind === 'hub' || source.kind === 'catalogue' ? source.file : source.url;
}

/** The files of a model, usually one for each quantization, the recommended one first. */
export function fileChoices(offer: ModelOffer, role: Role): Choice<FileOffer>[] {
  const recommended = (file: FileOffer): boolean => suits({ roles: file.recommendedFor }, role);
  return offer.files.toSorted((a, b) => Number(recommended(b)) - Number(recommended(a)) || a.bytes - b.bytes).map((file) => ({
    icon: recommended(file) ? 'star-full' : verdictIcon(file.fit.verdict), label: fileLabel(offer, file),
    description: [sizeText(file.bytes), ...(file.installed === null ? [] : [l10n.t('on this machine')]), ...file.traps.map(trapLabel)].join(' · '),
    detail: recommended(file) ? l10n.t('Recommended: {0}', fitText(file.fit)) : fitText(file.fit),
    value: file,
  }));
}

/** What can be done with a file that has been looked at. What a line of the list has no room for is explained in full. */
export type FileAction = 'use' | 'download' | 'licence' | { readonly explain: string };

/** Words that stand in the middle of a line elsewhere. */
function lineOf(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

function actions({ licence }: ModelOffer, file: FileOffer, role: Role): Choice<FileAction>[] {
  const use = role === 'chat' ? l10n.t('for the chat') : l10n.t('for code completion');
  if (file.installed !== null) return [{ icon: 'check', label: l10n.t('Use It'), description: use, value: 'use' }];
  const size = file.bytes === 0 ? l10n.t('Download') : l10n.t('Download {0}', formatBytes(file.bytes));
  const after = licence?.restricted === true ? l10n.t('after you have read its licence; then use it {0}', use) : l10n.t('then use it {0}', use);
  return [{ icon: 'cloud-download', label: size, description: after, value: 'download' }];
}

function memoryChoices(fit: Fit): Choice<FileAction>[] {
  const { memory } = fit;
  const line = (icon: string, label: string, bytes: number, detail = ''): Choice<FileAction> => ({ icon: icon, label: label, description: [formatBytes(bytes), ...(detail === '' ? [] : [detail])].join(' · ') });
  return [
    line('database', l10n.t('Weights'), memory.weights),
    line('comment-discussion', l10n.t('KV cache'), memory.kvCache, cacheText(fit)),
    line('chip', l10n.t('Compute buffers'), memory.compute),
    line('dashboard', l10n.t('Needed together'), neededBytes(memory), l10n.t('of {0} that models may use', formatBytes(fit.availableBytes))),
    line('device-desktop', l10n.t('Left to everything else'), memory.reserve),
  ];
}

function aboutChoices(offer: ModelOffer, file: FileOffer): Choice<FileAction>[] {
  const { licence } = offer;
  return [
    { icon: 'tag', label: l10n.t('Made for'), description: offer.roles.map(roleText).join(', ') },
    ...file.traps.map((trap) => ({ icon: 'warning', label: lineOf(trapLabel(trap)), detail: trapText(trap), value: { explain: trapText(trap) } })),
    ...(file.verified ? [{ icon: 'verified', label: l10n.t('Checksum known'), description: l10n.t('the download is verified with it') }] : []),
    { icon: 'symbol-ruler', label: l10n.t('Context'), description: l10n.t('trained for {0} tokens', offer.contextSize) },
    ...(offer.quirks ?? []).map((quirk) => ({ icon: 'info', label: quirkText(quirk), value: { explain: quirkText(quirk) } })),
    { icon: 'layers', label: l10n.t('Size'), description: [parametersText(offer.parameters), sizeText(file.bytes), ...(file.parts === 1 ? [] : [l10n.t('{0} files', file.parts)])].join(' · ') },
    ...(licence === null ? [{ icon: 'law', label: l10n.t('Licence unknown'), description: l10n.t('see the page of the model') }] : [{ icon: 'law', label: licence.name, description: l10n.t('read it'), value: 'licence' as const }]),
  ];
}

/** Everything that is known of one file before it is downloaded or used. */
export function detailGroups(offer: ModelOffer, file: FileOffer, role: Role): ChoiceGroup<FileAction>[] {
  const { fit } = file;
  const speed = fit.tokensPerSecond === null ? l10n.t('speed not known yet') : l10n.t('about {0}', tokenRateText(fit.tokensPerSecond));
  return [
    { heading: '', choices: actions(offer, file, role) },
    {
      heading: lineOf(basisText(fit.basis)),
      choices: [{ icon: verdictIcon(fit.verdict), label: lineOf(verdictText(fit.verdict)), description: speed }, ...memoryChoices(fit)],
    },
    { heading: l10n.t('About'), choices: aboutChoices(offer, file) },
  ];
}
