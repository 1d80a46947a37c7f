import * as l10n from '@vscode/l10n';
import { assertNever } from '../base/errors.js';
import { failureText } from './failureText.js';
import type { BenchmarkRow } from './modelTypes.js';

// What was measured in the user's language, for the view, for the clipboard and for the terminal alike.

/** Where a model ran. */
export function placeText({ where, machines }: Pick<BenchmarkRow, 'where' | 'machines'>): string {
  if (where === 'here') return l10n.t('this machine');
  return machines === 1 ? l10n.t('pod, 1 machine') : l10n.t('pod, {0} machines', machines);
}

/** What computed on this machine. */
export function backendText(gpu: BenchmarkRow['gpu']): string {
  switch (gpu) {
    case 'metal':
      return 'Metal';
    case 'cuda':
      return 'CUDA';
    case 'vulkan':
      return 'Vulkan';
    case 'cpu':
      return l10n.t('processor');
    default:
      return assertNever(gpu);
  }
}

/** Tokens per second without the unit, which the head of the column has. */
export function rateText(tokensPerSecond: number): string {
  return tokensPerSecond < 100 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
}

/** Milliseconds as `850 ms` or `2.1 s`. */
export function firstTokenText(ms: number): string {
  return ms < 1_000 ? l10n.t('{0} ms', Math.round(ms)) : l10n.t('{0} s', (ms / 1_000).toFixed(1));
}

/** What was predicted, and by how much the measurement differs from it: `42.5 (−11 %)`. */
export function predictionText({ predictedTokensPerSecond, decodeTokensPerSecond }: Pick<BenchmarkRow, 'predictedTokensPerSecond' | 'decodeTokensPerSecond'>): string {
  if (predictedTokensPerSecond === null || predictedTokensPerSecond === 0) return '–';
  const percent = Math.round((decodeTokensPerSecond / predictedTokensPerSecond - 1) * 100);
  return l10n.t('{0} ({1} %)', rateText(predictedTokensPerSecond), percent < 0 ? `−${-percent}` : `+${percent}`);
}

/** A row's heads, in the order of `benchmarkCells`. */
export function benchmarkHeads(): string[] {
  return [l10n.t('Model'), l10n.t('Where'), l10n.t('Prompt (tokens/s)'), l10n.t('Answer (tokens/s)'), l10n.t('First token'), l10n.t('Predicted (tokens/s)')];
}

/** What a row says of a model: what it is, where it ran, and its figures; none where it could not be measured. */
export function benchmarkCells(row: BenchmarkRow): { readonly model: string; readonly place: string; readonly figures: readonly string[] } {
  return {
    model: modelText(row),
    place: row.failure === null ? l10n.t('{0}, {1}', placeText(row), backendText(row.gpu)) : row.where === 'pod' ? l10n.t('pod') : placeText(row),
    figures: row.failure === null ? [rateText(row.promptTokensPerSecond), rateText(row.decodeTokensPerSecond), firstTokenText(row.timeToFirstTokenMs), predictionText(row)] : [],
  };
}

/** The name with the quantization, unless that is a part of it. */
export function modelText({ model, quantization }: Pick<BenchmarkRow, 'model' | 'quantization'>): string {
  return quantization === '' || model.toLowerCase().includes(quantization.toLowerCase()) ? model : `${model} ${quantization}`;
}

/** A table in Markdown. What failed has its reason in the last column. */
export function benchmarkMarkdown(rows: readonly BenchmarkRow[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  const body = rows.map((row) => {
    const { model, place, figures } = benchmarkCells(row);
    return line(row.failure === null ? [model, place, ...figures] : [model, place, '–', '–', '–', failureText(row.failure)]);
  });
  return `${[line(benchmarkHeads()), '| --- | --- | ---: | ---: | ---: | ---: |', ...body].join('\n')}\n`;
}

/** Text of others in a cell: it must not end the cell, nor be markup. */
function cellText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\|`*_<>[\]]/g, '\\$&').trim();
}
