import * as l10n from '@vscode/l10n';
import type { Failure } from '../../../engine/base/errors.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import { digitGroups } from '../../../engine/protocol/podText.js';
import type { Pairing, PodStatus } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { machinesNode } from './machineNodes.js';
import { ownNode } from './ownNodes.js';
import { type ConsideredModel, planNode } from './planNodes.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';
import { pairingRow } from './podRows.js';
import { runNodes } from './runNodes.js';

/** All that the Pod view shows comes from here. */
export interface PodFacts {
  readonly status: PodStatus | null;
  /** Why the status cannot be had. */
  readonly failure: Failure | null;
  readonly considered: ConsideredModel | null;
}

function pairingNode({ id, name, digits, state }: Pairing): TreeNode {
  const shown = digitGroups(digits);
  const question = state === 'compare' ? l10n.t('also on {0}?', name) : l10n.t('waiting for {0}', name);
  return treeNode(pairingRow(id), shown, state === 'compare' ? 'key' : 'loading~spin', {
    description: question,
    tone: state === 'compare' ? 'warning' : 'plain',
    tooltip: escapeMarkdown(l10n.t('{0} and this machine are being paired. Confirm only when {1} stands on both screens.', name, shown)),
    // Screen readers say the digits one by one.
    spoken: l10n.t('Pairing, digits {0}, {1}', Array.from(digits).join(' '), question),
    context: `pairing.${state}`,
  });
}

/** Nothing that a list could show: the view says what a pod is and how to start one. */
function isBare({ machines, pairings, run, sharing, problem }: PodStatus): boolean {
  return machines.length === 0 && pairings.length === 0 && run.state === 'off' && sharing.state === 'off' && problem === null;
}

/** The rows of the Pod view; none where it is to show its welcome. */
export function podTree({ status, failure, considered }: PodFacts): TreeNode[] {
  const plan = considered === null ? [] : [planNode(considered)];
  if (status === null) {
    if (failure === null) return [...plan, treeNode('connecting', l10n.t('Starting the engine…'), 'loading~spin')];
    const why = failureText(failure);
    return [...plan, treeNode('failure', why, 'error', { tone: 'bad', tooltip: escapeMarkdown(why) })];
  }
  if (plan.length === 0 && isBare(status)) return [];
  return [...status.pairings.map(pairingNode), ...plan, ...runNodes(status.run, status.machines), machinesNode(status.machines), ownNode(status)];
}
