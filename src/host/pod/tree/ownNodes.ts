import * as l10n from '@vscode/l10n';
import { failureText } from '../../../engine/protocol/failureText.js';
import { lendsNothing, sharingText } from '../../../engine/protocol/podText.js';
import type { PodStatus, Sharing } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { deviceNode } from './machineNodes.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';

const sharingIcons = { off: 'circle-slash', on: 'broadcast', failed: 'error' } as const;

function sharingTone(sharing: Sharing): TreeNode['tone'] {
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
function consentNodes(sharing: Sharing): TreeNode[] {
  if (!lendsNothing(sharing)) return [];
  const tooltip = l10n.t('This machine has no GPU, and its processor is lent by consent only (seekpod.pod.shareCpu).');
  return [treeNode('own/consent', l10n.t('Lend the Processor…'), 'gear', { tooltip, spoken: tooltip, command: ['workbench.action.openSettings', 'seekpod.pod.shareCpu'] })];
}

function sharingNode(sharing: Sharing): TreeNode {
  const text = sharingText(sharing);
  return treeNode('own/sharing', l10n.t('Sharing'), sharingIcons[sharing.state], {
    description: text,
    tone: sharingTone(sharing),
    tooltip: sharingTooltip(sharing),
    context: `sharing.${sharing.state}`,
    ...(sharing.state === 'failed' ? { children: [treeNode('own/sharing/failure', failureText(sharing.failure), 'info', { tooltip: sharingTooltip(sharing) })] } : {}),
  });
}

/** This machine as others see it, and what it lends. */
export function ownNode({ self, sharing, problem }: PodStatus): TreeNode {
  const why = problem === null ? null : failureText(problem);
  const children = [
    ...(why === null ? [] : [treeNode('own/problem', why, 'warning', { tone: 'warning', tooltip: escapeMarkdown(why) })]),
    treeNode('own/name', l10n.t('Name'), 'tag', { description: self.name, context: 'name' }),
    sharingNode(sharing),
    ...(problem === null ? consentNodes(sharing) : []),
    ...self.devices.map((device) => deviceNode('own', device)),
  ];
  return treeNode('own', l10n.t('This machine'), 'device-desktop', { description: sharingText(sharing), tone: lendsNothing(sharing) ? 'warning' : 'plain', children });
}
