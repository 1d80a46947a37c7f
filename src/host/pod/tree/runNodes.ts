import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import { startStepText, tokenRateText } from '../../../engine/protocol/podText.js';
import type { Machine, PlanPart, PodRun, Traffic } from '../../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../../markdownText.js';
import { modelLabel } from '../../modelLabel.js';
import { partNode } from './partNodes.js';
import { type TreeNode, treeNode } from '../../tree/treeNode.js';

type Active = Exclude<PodRun, { state: 'off' }>;

function partNodes(parts: readonly PlanPart[], machines: readonly Machine[]): TreeNode[] {
  const trafficOf = (part: PlanPart): Traffic | null => machines.find(({ fingerprint }) => fingerprint !== null && fingerprint === part.machine)?.traffic ?? null;
  return parts.map((part) => partNode('run', part, trafficOf(part)));
}

function speedNode({ predicted, measured }: Extract<PodRun, { state: 'running' }>): TreeNode {
  const forecast = tokenRateText(predicted);
  if (measured === null) return treeNode('run/speed', forecast, 'dashboard', { description: l10n.t('predicted, not measured yet') });
  const now = tokenRateText(measured);
  return treeNode('run/speed', now, 'dashboard', {
    description: l10n.t('predicted {0}', predicted.toFixed(1)),
    tooltip: l10n.t('Measured {0}, predicted {1}', now, forecast),
    spoken: l10n.t('Speed: measured {0}, predicted {1}', now, forecast),
  });
}

interface Shown {
  readonly state: string;
  readonly icon: string;
  readonly tone: TreeNode['tone'];
  readonly children: readonly TreeNode[];
}

function shown(run: Active, machines: readonly Machine[]): Shown {
  switch (run.state) {
    case 'idle':
      return { state: l10n.t('not loaded'), icon: 'circle-outline', tone: 'plain', children: [treeNode('run/idle', l10n.t('The next question loads it'), 'info')] };
    case 'starting': {
      const percent = Math.floor(run.progress * 100);
      const step = startStepText(run.step);
      const progress = treeNode('run/progress', l10n.t('{0} %', percent), 'loading~spin', { description: step, spoken: l10n.t('Loading, {0} percent, {1}', percent, step) });
      return { state: l10n.t('loading'), icon: 'loading~spin', tone: 'plain', children: [progress, ...partNodes(run.parts, machines)] };
    }
    case 'running':
      return { state: l10n.t('running'), icon: 'rocket', tone: 'good', children: [speedNode(run), ...partNodes(run.parts, machines)] };
    case 'recovering': {
      const text = l10n.t('{0} was lost; the rest takes over its layers', run.lost);
      return { state: l10n.t('recovering'), icon: 'sync~spin', tone: 'warning', children: [treeNode('run/recovering', text, 'sync~spin', { tone: 'warning', tooltip: escapeMarkdown(text) })] };
    }
    case 'fallback': {
      const why = failureText(run.failure);
      return {
        state: l10n.t('stopped'),
        icon: 'warning',
        tone: 'warning',
        children: [
          treeNode('run/fallback', l10n.t('The local chat model answers'), 'home', { tone: 'warning' }),
          treeNode('run/failure', why, 'info', { tooltip: escapeMarkdown(why) }),
          treeNode('run/again', l10n.t('Plan Again'), 'refresh', { command: ['seekpod.pod.runModel', run.path] }),
        ],
      };
    }
    default:
      return assertNever(run);
  }
}

/** The model that runs on the pod, or is meant to. Live figures are in rows of their own, so that the others stay as they are. */
export function runNodes(run: PodRun, machines: readonly Machine[]): TreeNode[] {
  if (run.state === 'off') return [];
  const name = modelLabel(run.path);
  const { state, icon, tone, children } = shown(run, machines);
  return [treeNode('run', name, icon, { description: state, tone, tooltip: `${escapeMarkdown(run.path)}\n\n${state}`, spoken: l10n.t('On the pod: {0}, {1}', name, state), context: 'run', children })];
}
