import * as l10n from '@vscode/l10n';
import { assertNever } from '../../../engine/base/errors.js';
import { placeText } from '../../../engine/protocol/benchmarkText.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import type { BenchmarkState, BenchmarkViewMessage } from '../../benchmarkProtocol.js';
import { progressRing, textButton } from '../controls.js';
import { h, setChildren, setText } from '../dom.js';
import { barChart } from './barChart.js';
import { resultTable } from './resultTable.js';

export interface BenchmarkView {
  update(state: BenchmarkState): void;
  /** The table is on the clipboard. */
  copied(): void;
}

/** The page of the benchmark: what is going on, the table, and the same figures as bars. */
export function createBenchmarkView(root: HTMLElement, post: (message: BenchmarkViewMessage) => void): BenchmarkView {
  const ring = progressRing();
  const status = h('span', { role: 'status' });
  const stop = textButton(l10n.t('Stop'), 'secondary', () => post({ type: 'stop' }));
  const again = textButton(l10n.t('Measure Again'), 'secondary', () => post({ type: 'start' }));
  const copy = textButton(l10n.t('Copy as Markdown'), 'primary', () => post({ type: 'copy' }));
  const results = h('div', { class: 'results' });
  root.append(
    h('h1', {}, l10n.t('Benchmark This Machine')),
    h('p', { class: 'note' }, l10n.t('Each installed model reads about 512 tokens and answers with up to 96, in a process of its own. Whatever else runs on this machine makes it slower.')),
    h('div', { class: 'status-line' }, ring, status),
    h('div', { class: 'buttons' }, copy, again, stop),
    results,
  );
  return {
    update({ phase, rows }) {
      const measuring = phase.kind === 'measuring';
      const [shown, gone] = measuring ? [stop, again] : [again, stop];
      // A button that is pressed makes room for the other one, which then has the focus: a hidden one would leave it to nothing.
      const refocus = document.hasFocus() && document.activeElement === gone;
      setText(status, phaseText(phase));
      ring.hidden = !measuring;
      gone.hidden = true;
      shown.hidden = false;
      if (refocus) shown.focus();
      copy.hidden = rows.length === 0;
      const measured = rows.filter((row) => row.failure === null);
      const charts =
        measured.length === 0
          ? []
          : [
              barChart(l10n.t('Answer, tokens per second'), measured, (row) => row.decodeTokensPerSecond, (row) => row.predictedTokensPerSecond),
              barChart(l10n.t('Prompt, tokens per second'), measured, (row) => row.promptTokensPerSecond, () => null),
            ];
      setChildren(results, rows.length === 0 ? null : resultTable(rows), ...charts);
    },
    copied: () => setText(status, l10n.t('The table is on the clipboard.')),
  };
}

function phaseText(phase: BenchmarkState['phase']): string {
  switch (phase.kind) {
    case 'measuring':
      if (phase.now === null) return l10n.t('Looking at the installed models…');
      return l10n.t('Measuring {0} on {1} ({2} of {3})…', phase.now.model, phase.now.where === 'here' ? placeText({ where: 'here', machines: 1 }) : l10n.t('the pod'), phase.now.done + 1, phase.now.of);
    case 'done':
      return l10n.t('Done. The results make the predictions for other models better.');
    case 'stopped':
      return l10n.t('Stopped. What was measured is kept.');
    case 'failed':
      return failureText(phase.failure);
    default:
      return assertNever(phase);
  }
}
