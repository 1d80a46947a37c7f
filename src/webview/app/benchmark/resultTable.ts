import * as l10n from '@vscode/l10n';
import { benchmarkCells, benchmarkHeads } from '../../../engine/protocol/benchmarkText.js';
import { failureText } from '../../../engine/protocol/failureText.js';
import type { BenchmarkRow } from '../../../engine/protocol/modelTypes.js';
import { h } from '../dom.js';

/** Columns of text; the others hold figures. */
const textColumns = 2;

/** What was measured; a model that could not be measured says why in the place of its figures. */
export function resultTable(rows: readonly BenchmarkRow[]): HTMLElement {
  const heads = benchmarkHeads();
  return h(
    'div',
    { class: 'table-frame', tabindex: '0', role: 'region', 'aria-label': l10n.t('Results') },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...heads.map((head, index) => h('th', { scope: 'col', class: index < textColumns ? '' : 'figure' }, head)))),
      h('tbody', {}, ...rows.map((row) => resultRow(row, heads.length))),
    ),
  );
}

function resultRow(row: BenchmarkRow, columns: number): HTMLElement {
  const { model, place, figures } = benchmarkCells(row);
  const cells = row.failure === null ? figures.map((text) => h('td', { class: 'figure' }, text)) : [h('td', { class: 'failure', colspan: String(columns - textColumns) }, failureText(row.failure))];
  return h('tr', {}, h('th', { scope: 'row', title: row.path }, model), h('td', {}, place), ...cells);
}
