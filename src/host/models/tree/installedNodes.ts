import * as l10n from '@vscode/l10n';
import type { Role } from '../../../engine/base/errors.js';
import { checksumText, originText, roleText, sizeText, trapLabel, trapText } from '../../../engine/protocol/modelText.js';
import type { InstalledModel } from '../../../engine/protocol/modelTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';
import { modelRoles } from '../modelUse.js';
import { modelRow } from './modelRows.js';

function useText(usedFor: readonly Role[]): string {
  if (usedFor.length === 2) return l10n.t('in use for chat and completion');
  return usedFor[0] === 'chat' ? l10n.t('in use for chat') : l10n.t('in use for completion');
}

/** What of a model its row's actions depend on: `model downloaded chat` and the roles that could still be given to it. */
function contextOf(model: InstalledModel, usedFor: readonly Role[]): string {
  const free = model.missing ? [] : modelRoles(model).filter((role) => !usedFor.includes(role));
  return ['model', model.origin, ...free.map((role) => `for-${role}`), ...(model.missing ? [] : ['present'])].join(' ');
}

function checksumNode(row: string, { checksum }: InstalledModel): TreeNode {
  const look = { matches: ['verified', 'good'], differs: ['error', 'bad'], unconfirmed: ['question', 'plain'], unchecked: ['circle-outline', 'plain'] } as const;
  const [icon, tone] = look[checksum];
  return treeNode(`${row}/checksum`, l10n.t('Checksum'), icon, { description: checksumText(checksum), tone });
}

function detailNodes(row: string, model: InstalledModel): TreeNode[] {
  const missing = l10n.t('The file is no longer where it was. Put it back, or remove the model from the list.');
  return [
    ...(model.missing ? [treeNode(`${row}/missing`, missing, 'warning', { tone: 'warning', tooltip: missing })] : []),
    ...model.traps.map((trap) => treeNode(`${row}/trap:${trap}`, trapLabel(trap), 'warning', { tone: 'warning', tooltip: trapText(trap), spoken: trapText(trap) })),
    treeNode(`${row}/size`, l10n.t('Size'), 'database', { description: model.parts === 1 ? sizeText(model.bytes) : l10n.t('{0} in {1} files', sizeText(model.bytes), model.parts) }),
    treeNode(`${row}/context`, l10n.t('Context'), 'symbol-ruler', { description: l10n.t('{0} tokens', model.contextSize) }),
    checksumNode(row, model),
    treeNode(`${row}/path`, model.path, 'file', { tooltip: escapeMarkdown(model.path), spoken: l10n.t('File {0}', model.path) }),
  ];
}

/** A model on this machine: what it is for, what uses it, and what is known of its file. */
export function installedNode(model: InstalledModel, usedFor: readonly Role[]): TreeNode {
  const row = modelRow(model.id);
  const use = usedFor.length === 0 ? model.roles.map(roleText).join(', ') : useText(usedFor);
  const bad = model.missing || model.checksum === 'differs';
  const state = model.missing ? l10n.t('file is missing') : use;
  const facts = [model.quantization, sizeText(model.bytes), originText(model.origin), checksumText(model.checksum)];
  return treeNode(row, model.name, bad ? 'error' : model.traps.some((trap) => trap !== 'unverified') ? 'warning' : usedFor.length === 0 ? 'package' : 'pass-filled', {
    description: [model.quantization, state].join(' · '),
    tone: bad ? 'bad' : usedFor.length === 0 ? 'plain' : 'good',
    tooltip: [`**${escapeMarkdown(model.name)}**`, ...[state, ...facts, ...model.traps.map(trapText), model.path].map(escapeMarkdown)].join('\n\n'),
    spoken: [model.name, state, ...facts].join(', '),
    context: contextOf(model, usedFor),
    children: detailNodes(row, model),
  });
}
