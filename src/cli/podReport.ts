import * as l10n from '@vscode/l10n';
import { formatBytes } from '../engine/protocol/failureText.js';
import { adviceText, byteRateText, latencyText, layersText, leftOutText, lendsNothing, localPlanText, tokenRateText } from '../engine/protocol/podText.js';
import type { DoctorFinding, Machine, PlanPart, PlanPreview, PodStatus } from '../engine/protocol/podTypes.js';
import { shortFingerprint } from './machineName.js';
import { machineText, runText } from './podWords.js';
import { table } from './table.js';
import { doctorWords, failureWords } from './words.js';

/** Which layers go where. */
export function partsText(parts: readonly PlanPart[]): string {
  return table(
    parts.map((part) => [
      part.machine === null ? l10n.t('{0} (this machine)', part.name) : part.name,
      layersText(part.layers),
      l10n.t('{0} of {1}', formatBytes(part.bytes), formatBytes(part.usableBytes)),
    ]),
  );
}

/** What would happen with a model. */
export function planText(plan: PlanPreview): string {
  const { model, pod, leftOut, failure } = plan;
  const sections = [
    `${l10n.t('{0}: {1} layers, {2}, context of {3} tokens', model.name, model.layers, formatBytes(model.bytes), model.contextSize)}\n`,
    table([
      [l10n.t('This machine alone'), localPlanText(plan)],
      [l10n.t('The pod'), pod === null ? l10n.t('no plan') : tokenRateText(pod.tokensPerSecond)],
    ]),
    partsText(pod?.parts ?? []),
    leftOut.map(({ name, reason, holder }) => `${l10n.t('Left out: {0}: {1}', name, leftOutText(reason, holder))}\n`).join(''),
    `${plan.advice === 'none' && failure !== null ? failureWords(failure) : adviceText(plan)}\n`,
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** This machine, the others, and what runs. */
export function statusText(status: PodStatus): string {
  const { self, sharing, machines, run, problem } = status;
  const key = self.fingerprint === null ? '' : shortFingerprint(self.fingerprint);
  const sections = [
    `${l10n.t('This machine: {0} {1}', self.name, key).trimEnd()}\n${problem === null ? '' : `${failureWords(problem)}\n`}${l10n.t('Lent: {0}', sharingText(sharing))}\n`,
    machines.length === 0 ? `${l10n.t('No other machine is known.')}\n` : table(machines.map(machineRow)),
    machines.flatMap(({ problem: trouble }) => (trouble === null ? [] : [`${failureWords(trouble)}\n`])).join(''),
    `${l10n.t('Model: {0}', runText(run))}\n`,
    run.state === 'running' ? partsText(run.parts) : '',
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function sharingText(sharing: PodStatus['sharing']): string {
  if (sharing.state === 'off') return l10n.t('nothing');
  if (sharing.state === 'failed') return failureWords(sharing.failure);
  if (lendsNothing(sharing)) return l10n.t('nothing, on port {0}: it has no GPU, and its processor is lent by consent only', sharing.port);
  return sharing.borrower === null
    ? l10n.t('{0}, up to {1}, on port {2}', sharing.device, formatBytes(sharing.lendableBytes), sharing.port)
    : l10n.t('{0} to {1}, which uses {2}', sharing.device, sharing.borrower.name, formatBytes(sharing.borrower.usedBytes));
}

function machineRow(machine: Machine): string[] {
  const { link, traffic } = machine;
  return [
    machine.name,
    machine.fingerprint === null ? '' : shortFingerprint(machine.fingerprint),
    machineText(machine),
    link === null ? '' : `${latencyText(link.roundTrip)}, ${byteRateText(link.throughput)}`,
    traffic === null ? '' : l10n.t('{0} sent, {1} received', formatBytes(traffic.sentBytes), formatBytes(traffic.receivedBytes)),
  ];
}

const marks = { good: '✓', warning: '!', bad: '✗', unknown: '?' } as const;

/** The findings, what is in order too, each with what to do about it. */
export function findingsText(findings: readonly DoctorFinding[]): string {
  return findings
    .map((finding) => {
      const { what, advice } = doctorWords(finding);
      return `${marks[finding.verdict]} ${what}\n${advice === null ? '' : `  ${advice}\n`}`;
    })
    .join('');
}
