import * as l10n from '@vscode/l10n';
import type { AnswerMeta, TokenCount } from '../../engine/chat/conversation.js';

const numbers = new Intl.NumberFormat();

export function formatCount(count: number): string {
  return numbers.format(count);
}

/** `~1,234 tokens` while estimated. */
export function formatTokens({ count, exact }: TokenCount): string {
  return exact ? l10n.t('{0} tokens', formatCount(count)) : l10n.t('~{0} tokens', formatCount(count));
}

/** `340 ms` or `2.1 s`. */
export function formatDuration(ms: number): string {
  return ms < 1_000 ? l10n.t('{0} ms', Math.round(ms)) : l10n.t('{0} s', (ms / 1_000).toFixed(1));
}

/** The parts of the line below an answer. */
export function metaParts(meta: AnswerMeta): string[] {
  const parts = [meta.model, meta.generatedTokens === 1 ? l10n.t('1 token') : l10n.t('{0} tokens', formatCount(meta.generatedTokens))];
  if (meta.timeToFirstTokenMs !== null) parts.push(l10n.t('{0} to first token', formatDuration(meta.timeToFirstTokenMs)));
  if (meta.tokensPerSecond !== null) parts.push(l10n.t('{0} tokens/s', meta.tokensPerSecond.toFixed(1)));
  return parts.filter((part) => part !== '');
}

/** `14:05` for today, else the date. */
export function formatMoment(at: number, now: number): string {
  const date = new Date(at);
  const today = new Date(now).toDateString() === date.toDateString();
  return today ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) : date.toLocaleDateString([], { day: 'numeric', month: 'short', year: 'numeric' });
}
