import * as l10n from '@vscode/l10n';
import { failureText } from '../../engine/protocol/failureText.js';
import { sharingText } from '../../engine/protocol/podText.js';
import type { PodStatus, Sharing } from '../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../markdownText.js';
import { deviceNode } from './machineNodes.js';
import { type PodNode, podNode } from './podNode.js';

const sharingIcons = { off: 'circle-slash', on: 'broadcast', failed: 'error' } as const;

function sharingTooltip(sharing: Sharing): string {
  if (sharing.state === 'failed') return escapeMarkdown(failureText(sharing.failure));
  return sharing.state === 'off' ? l10n.t('Other machines cannot use this one.') : escapeMarkdown(l10n.t('Lends {0}, on port {1}.', sharing.device, sharing.port));
}

function sharingNode(sharing: Sharing): PodNode {
  const text = sharingText(sharing);
  return podNode('own/sharing', l10n.t('Sharing'), sharingIcons[sharing.state], {
    description: text,
    tone: sharing.state === 'failed' ? 'bad' : sharing.state === 'on' ? 'good' : 'plain',
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
    ...self.devices.map((device) => deviceNode('own', device)),
  ];
  return podNode('own', l10n.t('This machine'), 'device-desktop', { description: sharingText(sharing), children });
}
