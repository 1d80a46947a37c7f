import * as l10n from '@vscode/l10n';
import { formatBytes } from '../../../engine/protocol/failureText.js';
import { byteRateText, latencyText, layersText } from '../../../engine/protocol/podText.js';
import type { PlanPart, Traffic } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';

function trafficNode(id: string, { rate, latency, sentBytes, receivedBytes }: Traffic): TreeNode {
  const now = l10n.t('{0}, {1}', byteRateText(rate), latencyText(latency));
  const totals = l10n.t('{0} sent and {1} received since it was connected', formatBytes(sentBytes), formatBytes(receivedBytes));
  return treeNode(`${id}/traffic`, l10n.t('Connection'), 'arrow-swap', {
    description: now,
    tooltip: `${l10n.t('{0} now, {1} from a request to its answer', byteRateText(rate), latencyText(latency))}\n\n${totals}`,
    spoken: l10n.t('Connection: {0}; {1}', now, totals),
  });
}

/** One machine's part of a plan, or of what runs: layers and memory, and its connection where there is one. */
export function partNode(parent: string, part: PlanPart, traffic: Traffic | null): TreeNode {
  const id = `${parent}/part:${part.machine ?? 'here'}`;
  const name = part.machine === null ? l10n.t('This machine') : part.name;
  const layers = layersText(part.layers);
  const memory = l10n.t('{0} of {1}', formatBytes(part.bytes), formatBytes(part.usableBytes));
  return treeNode(id, name, part.machine === null ? 'device-desktop' : 'server', {
    description: layers,
    tooltip: `**${escapeMarkdown(name)}**: ${layers}\n\n${l10n.t('Memory: {0}', memory)}`,
    spoken: l10n.t('{0}: {1}, memory {2}', name, layers, memory),
    children: [treeNode(`${id}/memory`, l10n.t('Memory'), 'circuit-board', { description: memory }), ...(traffic === null ? [] : [trafficNode(id, traffic)])],
  });
}
