import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { failureText, formatBytes } from '../../../engine/protocol/failureText.js';
import { addressText } from '../../../engine/protocol/parseAddress.js';
import { byteRateText, latencyText, layersText } from '../../../engine/protocol/podText.js';
import type { Device, Machine } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';
import { machineRow } from './podRows.js';

/** A device that can hold layers, as a row. */
export function deviceNode(parent: string, { name, kind, description, memoryBytes, freeBytes, bandwidth }: Device): TreeNode {
  const memory = l10n.t('{0} of {1} free', formatBytes(freeBytes), formatBytes(memoryBytes));
  const speed = bandwidth > 0 ? l10n.t('reads weights at {0}', byteRateText(bandwidth)) : l10n.t('not measured yet');
  const label = description === '' ? name : description;
  return treeNode(`${parent}/device:${name}`, label, kind === 'gpu' ? 'circuit-board' : 'chip', {
    description: memory,
    tooltip: `**${escapeMarkdown(label)}** (${escapeMarkdown(name)})\n\n${memory}\n\n${speed}`,
    spoken: l10n.t('{0}: {1}, {2}', label, memory, speed),
  });
}

function presenceText({ presence, paired, holder, problem, lendableBytes }: Machine): string {
  if (!paired) return l10n.t('not paired');
  if (holder !== null) return l10n.t('in use by {0}', holder);
  switch (presence) {
    case 'seen':
      return l10n.t('seen');
    case 'connecting':
      return l10n.t('connecting…');
    case 'connected':
      if (problem !== null) return l10n.t('cannot take part');
      return lendableBytes === null ? l10n.t('not shared') : l10n.t('{0} to lend', formatBytes(lendableBytes));
    case 'away':
      return l10n.t('away');
    default:
      return assertNever(presence);
  }
}

const presenceIcons = { seen: 'vm-outline', connecting: 'loading~spin', connected: 'vm-active', away: 'vm-outline' } as const;

function detailNodes(id: string, machine: Machine): TreeNode[] {
  const rows: TreeNode[] = [];
  if (machine.problem !== null) {
    const why = failureText(machine.problem);
    rows.push(treeNode(`${id}/problem`, why, 'warning', { tone: 'warning', tooltip: escapeMarkdown(why) }));
  }
  if (machine.part !== null) rows.push(treeNode(`${id}/part`, l10n.t('Holds {0}', layersText(machine.part.layers)), 'layers', { description: formatBytes(machine.part.bytes) }));
  rows.push(...machine.devices.map((device) => deviceNode(id, device)));
  if (machine.link !== null) {
    const { roundTrip, throughput, address } = machine.link;
    const speed = l10n.t('{0}, {1}', latencyText(roundTrip), byteRateText(throughput));
    rows.push(treeNode(`${id}/link`, l10n.t('Link'), 'plug', { description: speed, tooltip: escapeMarkdown(l10n.t('{0} there and back, {1}, measured to {2}', latencyText(roundTrip), byteRateText(throughput), addressText(address))) }));
  } else if (machine.addresses.length > 0) {
    rows.push(treeNode(`${id}/addresses`, machine.addresses.map(addressText).join(', '), 'globe'));
  }
  return rows;
}

function machineNode(machine: Machine): TreeNode {
  const { fingerprint, name, paired, problem, presence } = machine;
  const id = fingerprint === null ? `address:${name}` : machineRow(fingerprint);
  const state = presenceText(machine);
  const key = fingerprint === null ? '' : `\n\n${l10n.t('Key: {0}', `\`${fingerprint.slice(0, 16)}…\``)}`;
  return treeNode(id, name, problem === null ? presenceIcons[presence] : 'warning', {
    description: state,
    tone: problem !== null ? 'warning' : presence === 'connected' ? 'good' : 'plain',
    tooltip: `**${escapeMarkdown(name)}**: ${escapeMarkdown(state)}${problem === null ? '' : `\n\n${escapeMarkdown(failureText(problem))}`}${key}`,
    context: fingerprint === null ? '' : paired ? 'machine.paired' : 'machine.unpaired',
    children: detailNodes(id, machine),
  });
}

/** The other machines, those that can take part first. */
export function machinesNode(machines: readonly Machine[]): TreeNode {
  const order = (machine: Machine): number => (machine.paired ? 0 : 2) + (machine.presence === 'away' ? 1 : 0);
  const sorted = machines.toSorted((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
  const children = sorted.length === 0 ? [treeNode('machines/none', l10n.t('No other machine has been seen yet'), 'search')] : sorted.map(machineNode);
  return treeNode('machines', l10n.t('Machines'), 'vm', { description: String(machines.length), spoken: l10n.t('Machines: {0}', machines.length), children });
}
