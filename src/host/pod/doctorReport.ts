import * as l10n from '@vscode/l10n';
import { doctorText } from '../../engine/protocol/doctorText.js';
import type { DoctorFinding } from '../../engine/protocol/podTypes.js';
import { escapeMarkdown } from '../markdownText.js';

const order = ['bad', 'warning', 'unknown', 'good'] as const;

function verdictText(verdict: DoctorFinding['verdict']): string {
  switch (verdict) {
    case 'bad':
      return l10n.t('In the way');
    case 'warning':
      return l10n.t('May be in the way');
    case 'unknown':
      return l10n.t('Could not be checked');
    case 'good':
      return l10n.t('In order');
  }
}

function findingText(finding: DoctorFinding): string {
  const { what, advice } = doctorText(finding);
  const line = `- **${escapeMarkdown(what)}**`;
  return advice === null ? line : `${line}  \n  ${escapeMarkdown(advice)}`;
}

/** The doctor's findings as a markdown document, the worst first. */
export function doctorReport(findings: readonly DoctorFinding[]): string {
  const sections = order.flatMap((verdict) => {
    const those = findings.filter((finding) => finding.verdict === verdict);
    return those.length === 0 ? [] : [`## ${verdictText(verdict)}`, those.map(findingText).join('\n')];
  });
  const troubled = findings.some(({ verdict }) => verdict === 'bad' || verdict === 'warning');
  const summary = troubled ? l10n.t('Something may keep machines from finding or using each other. What to do stands below it.') : l10n.t('Nothing was found that keeps machines from finding or using each other.');
  return `${[`# ${l10n.t('Pod doctor')}`, summary, ...sections].join('\n\n')}\n`;
}
