import * as l10n from '@vscode/l10n';
import { formatBytes } from '../engine/protocol/failureText.js';
import { lendsNothing } from '../engine/protocol/podText.js';
import type { PodRun, PodStatus } from '../engine/protocol/podTypes.js';
import { partsText } from './podReport.js';
import { runText } from './podWords.js';
import { failureWords } from './words.js';

/** What is new for someone who lends this machine, as lines of text. */
export function sharingChanges(before: PodStatus | null, after: PodStatus): string[] {
  const was = before?.sharing ?? { state: 'off' };
  const is = after.sharing;
  const lines = newlyPaired(before, after).map((name) => l10n.t('Paired with {0}.', name));
  if (is.state === 'failed') return was.state === 'failed' ? lines : [...lines, failureWords(is.failure)];
  if (is.state === 'off') return lines;
  if (was.state !== 'on' || was.port !== is.port || was.device !== is.device) {
    if (lendsNothing(is)) lines.push(l10n.t('{0} is shared as {1} on port {2}, with nothing to lend. {3}', l10n.t('This machine'), after.self.name, is.port, whyNothing(after)));
    else lines.push(l10n.t('{0} is shared as {1}: {2}, up to {3}, on port {4}. Ctrl+C stops it.', l10n.t('This machine'), after.self.name, is.device, formatBytes(is.lendableBytes), is.port));
  }
  const borrowedBefore = was.state === 'on' ? was.borrower : null;
  if (is.borrower === null) {
    if (borrowedBefore !== null) lines.push(l10n.t('{0} no longer uses this machine.', borrowedBefore.name));
  } else if (borrowedBefore?.fingerprint !== is.borrower.fingerprint || formatBytes(borrowedBefore.usedBytes) !== formatBytes(is.borrower.usedBytes)) {
    lines.push(l10n.t('{0} uses this machine: {1}.', is.borrower.name, formatBytes(is.borrower.usedBytes)));
  }
  return lines;
}

function whyNothing({ problem }: PodStatus): string {
  return problem === null ? l10n.t('It has no GPU, and its processor is lent by consent only: add --cpu.') : failureWords(problem);
}

/** Machines that were known and not paired, and now are. */
function newlyPaired(before: PodStatus | null, after: PodStatus): string[] {
  if (before === null) return [];
  const paired = new Set(before.machines.filter((machine) => machine.paired).map(({ fingerprint }) => fingerprint));
  return after.machines.filter((machine) => machine.paired && !paired.has(machine.fingerprint)).map(({ name }) => name);
}

/** What is new about the model on the pod; progress is shown elsewhere. */
export function runChanges(before: PodRun | null, after: PodRun): string[] {
  if (before?.state === after.state) return [];
  switch (after.state) {
    case 'running':
      return [runText(after), partsText(after.parts).trimEnd()];
    case 'recovering':
    case 'fallback':
      return [runText(after)];
    case 'off':
    case 'idle':
    case 'starting':
      return [];
  }
}
