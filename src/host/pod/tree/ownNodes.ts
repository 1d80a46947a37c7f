import * as l10n from '@vscode/l10n';
import { failureText } from '../../../engine/protocol/failureText.js';
import { lendsNothing, sharingText } from '../../../engine/protocol/podText.js';
import type { PodStatus, Sharing } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { deviceNode } from './machineNodes.js';
import { type PodNode, podNode } from './podNode.js';

const sharingIcons = { off: 'circle-slash', on: 'broadcast', failed: 'error' } as const;

function sharingTone(sharing: Sharing): PodNode['tone'] {
  if (sharing.state === 'failed') return 'bad';
  if (lendsNothing(sharing)) return 'warning';
  return sharing.state === 'on' ? 'good' : 'plain';
}

function sharingTooltip(sharing: Sharing): string {
  if (sharing.state === 'failed') return escapeMarkdown(failureText(sharing.failure));
  if (sharing.state === 'off') return l10n.t('Other machines cannot use this one.');
  return lendsNothing(sharing) ? l10n.t('Other machines see this one and can be paired with it.') : escapeMarkdown(l10n.t('Lends {0}, on port {1}.', sharing.device, sharing.port));
}

/** Where the processor is all that could be lent, the way to consent to it. */
function consentNodes(sharing: Sharing): PodNode[] {
  if (!lendsNothing(sharing)) return [];
  const tooltip = l10n.t('This machine has no GPU, and its processor is lent by consent only (seekpod.pod.shareCpu).');
  return [podNode('own/consent', l10n.t('Lend the Processor…'), 'gear', { tooltip, spoken: tooltip, command: ['workbench.action.openSettings', 'seekpod.pod.shareCpu'] })];
}

function sharingNode(sharing: Sharing): PodNode {
  const text = sharingText(sharing);
  return podNode('own/sharing', l10n.t('Sharing'), sharingIcons[sharing.state], {
    description: text,
    tone: sharingTone(sharing),
    tooltip: sharingTooltip(sharing),
    context: `sharing.${sharing.state}`,
    ...(sharing.state === 'failed' ? { children: [podNode('own/sharing/failure', failureText(sharing.failure), 'info', { tooltip: sharingTooltip(sharing) })] } : {}),
  });
}

/** This machine as others see it, and what it lends. */
export function ownNode({ self, sharing, problem }: PodStatus): PodNode {
  const why = problem === null ? null : failureText(problem);
  const children = [
    ...(why === null ? [] : [podNode('own/problem', why, 'warning', { tone: 'warning', tooltip: escapeMarkdown(why) })]),
    podNode('own/name', l10n.t('Name'), 'tag', { description: self.name, context: 'name' }),
    sharingNode(sharing),
    ...(problem === null ? consentNodes(sharing) : []),
    ...self.devices.map((device) => deviceNode('own', device)),
  ];
  return podNode('own', l10n.t('This machine'), 'device-desktop', { description: sharingText(sharing), tone: lendsNothing(sharing) ? 'warning' : 'plain', children });
}
