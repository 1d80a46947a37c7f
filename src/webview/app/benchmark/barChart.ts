import * as l10n from '@vscode/l10n';
import { modelText, placeText, rateText } from '../../../engine/protocol/benchmarkText.js';
import type { BenchmarkRow } from '../../../engine/protocol/modelTypes.js';
import { h } from '../dom.js';

/**
 * Figures as bars, one below the other, with a line where the prediction was. Bars of the pod are striped, so that no colour has to be
 * told from another. To a screen reader it is one picture: the table says the same in words.
 */
export function barChart(title: string, rows: readonly BenchmarkRow[], valueOf: (row: BenchmarkRow) => number, predictedOf: (row: BenchmarkRow) => number | null): HTMLElement {
  const largest = Math.max(...rows.map((row) => Math.max(valueOf(row), predictedOf(row) ?? 0)));
  const share = (value: number): string => `${largest > 0 ? (value / largest) * 100 : 0}%`;
  const predicted = rows.some((row) => predictedOf(row) !== null);
  const pod = rows.some(({ where }) => where === 'pod');
  const bars = rows.map((row) => {
    const bar = h('div', { class: row.where === 'pod' ? 'bar pod' : 'bar' });
    bar.style.inlineSize = share(valueOf(row));
    const expected = predictedOf(row);
    const mark = expected === null ? null : h('div', { class: 'mark' });
    if (mark !== null && expected !== null) mark.style.insetInlineStart = share(expected);
    return h('div', { class: 'line' }, h('span', { class: 'bar-label' }, `${modelText(row)} · ${placeText(row)}`), h('div', { class: 'track' }, bar, mark), h('span', { class: 'bar-value' }, rateText(valueOf(row))));
  });
  const legend =
    pod || predicted
      ? h(
          'div',
          { class: 'legend' },
          pod ? h('span', {}, h('i', { class: 'bar sample' }), l10n.t('this machine')) : null,
          pod ? h('span', {}, h('i', { class: 'bar pod sample' }), l10n.t('pod')) : null,
          predicted ? h('span', {}, h('i', { class: 'mark sample' }), l10n.t('predicted')) : null,
        )
      : null;
  return h(
    'figure',
    {},
    h('figcaption', {}, title),
    h('div', { role: 'img', 'aria-label': l10n.t('Chart: {0}. The table has the same figures.', title) }, h('div', { class: 'bars', 'aria-hidden': 'true' }, ...bars, legend)),
  );
}
