import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { failureText, formatBytes } from '../../../engine/protocol/failureText.js';
import { adviceText, leftOutText, localPlanText, tokenRateText } from '../../../engine/protocol/podText.js';
import type { PlanPreview } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { modelLabel } from '../../modelLabel.js';
import { partNode } from './partNodes.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';

/** A model that the user considers for the pod. */
export interface ConsideredModel {
  readonly path: string;
  /** `null` while it is being planned. */
  readonly preview: PlanPreview | null;
}

/** The advice in the few words that a narrow sidebar has room for. */
function shortAdvice({ advice, local, pod }: PlanPreview): string {
  switch (advice) {
    case 'local':
      return pod === null ? l10n.t('Fits on this machine') : l10n.t('Staying here is faster');
    case 'pod':
      return local.fits ? l10n.t('The pod is faster') : l10n.t('Too large here, fits the pod');
    case 'none':
      return l10n.t('Too large, also for the pod');
    default:
      return assertNever(advice);
  }
}

const adviceLook = { local: ['home', 'warning'], pod: ['rocket', 'good'], none: ['error', 'bad'] } as const;

function adviceNode(preview: PlanPreview): TreeNode {
  const [icon, tone] = adviceLook[preview.advice];
  const text = adviceText(preview);
  return treeNode('plan/advice', shortAdvice(preview), icon, { tone, tooltip: text, spoken: text });
}

function localNode(preview: PlanPreview): TreeNode {
  const { fits, requiredBytes, availableBytes } = preview.local;
  const [required, available] = [formatBytes(requiredBytes), formatBytes(availableBytes)];
  return treeNode('plan/local', l10n.t('Here alone'), 'device-desktop', {
    description: fits ? localPlanText(preview) : l10n.t('{0}, {1} free', required, available),
    tone: fits ? 'plain' : 'warning',
    tooltip: l10n.t('Needs {0} of memory; {1} can be used.', required, available),
    spoken: l10n.t('This machine alone: {0}', localPlanText(preview)),
  });
}

function treeNodes({ pod, failure }: PlanPreview): TreeNode[] {
  if (pod !== null) {
    const rate = tokenRateText(pod.tokensPerSecond);
    const children = pod.parts.map((part) => partNode('plan', part, null));
    return [treeNode('plan/pod', l10n.t('The pod'), 'server', { description: l10n.t('{0} predicted', rate), spoken: l10n.t('The pod: {0} predicted', rate), children })];
  }
  if (failure === null) return [];
  const text = failureText(failure);
  return [treeNode('plan/failure', text, 'warning', { tone: 'warning', tooltip: escapeMarkdown(text) })];
}

function leftOutNodes({ leftOut }: PlanPreview): TreeNode[] {
  if (leftOut.length === 0) return [];
  const children = leftOut.map(({ machine, name, reason, holder }) => {
    const why = leftOutText(reason, holder);
    return treeNode(`plan/leftOut:${machine}`, name, 'vm-outline', { description: why, tooltip: `**${escapeMarkdown(name)}**: ${escapeMarkdown(why)}` });
  });
  return [treeNode('plan/leftOut', l10n.t('Left out'), 'circle-slash', { description: String(leftOut.length), spoken: l10n.t('Machines that have no part: {0}', leftOut.length), children })];
}

/** What would happen with the model that the user considers, and the rows to load or discard it. */
export function planNode({ path, preview }: ConsideredModel): TreeNode {
  const name = modelLabel(path);
  const head = { tooltip: escapeMarkdown(path), spoken: l10n.t('Plan for {0}', name) };
  const label = l10n.t('Plan: {0}', name);
  if (preview === null) {
    return treeNode('plan', label, 'list-tree', { ...head, context: 'plan', children: [treeNode('plan/planning', l10n.t('Measuring and planning…'), 'loading~spin')] });
  }
  const discard = treeNode('plan/discard', l10n.t('Discard'), 'close', { command: ['seekpod.pod.discardPlan'], spoken: l10n.t('Discard the plan') });
  const load = treeNode('plan/load', l10n.t('Load on the Pod'), 'play', {
    tone: preview.advice === 'pod' ? 'good' : 'plain',
    command: ['seekpod.pod.load'],
    spoken: l10n.t('Load {0} on the pod', name),
  });
  return treeNode('plan', label, 'list-tree', {
    ...head,
    description: l10n.t('{0} layers, {1}', preview.model.layers, formatBytes(preview.model.bytes)),
    context: preview.pod === null ? 'plan' : 'plan.loadable',
    children: [adviceNode(preview), ...(preview.pod === null ? [] : [load]), localNode(preview), ...treeNodes(preview), ...leftOutNodes(preview), discard],
  });
}
