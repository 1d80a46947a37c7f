import { EngineError } from '../base/errors.js';
import type { FimPrompt } from '../protocol/engineTypes.js';
import type { FimTokens, Tokens } from './inferenceBackend.js';
import { coarse, mostCharacters, roughTokens } from './tokenBudget.js';

/** The parts of a fill-in-the-middle prompt as tokens; see `FimPrompt`. */
export interface FimParts {
  readonly context: readonly Tokens[];
  readonly prefix: Tokens;
  readonly suffix: Tokens;
  readonly tail: Tokens;
}

const total = (parts: readonly Tokens[]): number => parts.reduce((sum, tokens) => sum + tokens.length, 0);
/** Share of the room that prefix and suffix are cut to where both are too long: what stands before the cursor says more. */
const suffixShare = 0.25;

/** Leaves out what is certainly too much for `limit` tokens, in the same order as `fitFimParts`, before it is tokenized. */
export function cutFimTexts({ context, prefix, suffix, tail }: FimPrompt, limit: number): FimPrompt {
  const most = mostCharacters(limit);
  const block = Math.max(1, Math.floor(most / 8));
  if (tail.length > most) throw new EngineError({ code: 'promptTooLong', tokens: roughTokens(tail.length), limit });
  let room = most;
  const firstChunk = context.findLastIndex(({ length }) => (room -= length) < 0) + 1;
  return {
    context: context.slice(firstChunk),
    prefix: prefix.slice(coarse(prefix.length - most, block)),
    suffix: suffix.slice(0, Math.max(0, suffix.length - coarse(suffix.length - most, block))),
    tail,
  };
}

/**
 * Leaves out what does not fit into `limit` tokens: first the oldest context chunks, then the front of the prefix and the
 * end of the suffix, never the tail. It cuts in blocks of an eighth of the limit, so that it does not slide while typing.
 * Fails with `promptTooLong` when the tail alone does not fit.
 */
export function fitFimParts(parts: FimParts, limit: number): FimParts {
  const block = Math.max(1, Math.floor(limit / 8));
  if (parts.tail.length > limit) throw new EngineError({ code: 'promptTooLong', tokens: parts.tail.length, limit });
  const own = total([parts.prefix, parts.suffix, parts.tail]);

  let surplus = coarse(own + total(parts.context) - limit, block);
  let firstChunk = 0;
  while (surplus > 0 && firstChunk < parts.context.length) surplus -= parts.context[firstChunk++]?.length ?? 0;
  const context = parts.context.slice(firstChunk);
  if (own <= limit) return { ...parts, context };

  const room = limit - parts.tail.length;
  const suffixRoom = Math.max(Math.floor(room * suffixShare), room - parts.prefix.length);
  const suffix = parts.suffix.slice(0, Math.max(0, parts.suffix.length - coarse(parts.suffix.length - suffixRoom, block)));
  const prefix = parts.prefix.slice(coarse(parts.prefix.length + suffix.length - room, block));
  return { context, prefix, suffix, tail: parts.tail };
}

/** `begin? context… <FIM begin> prefix <FIM hole> suffix <FIM end> tail`, cut to at most `limit` tokens. */
export function fimPromptTokens(parts: FimParts, fim: FimTokens, begin: number | null, limit: number): Tokens {
  const first = begin === null ? [] : [begin];
  const { context, prefix, suffix, tail } = fitFimParts(parts, limit - first.length - 3);
  return [...first, ...context.flat(), fim.begin, ...prefix, fim.hole, ...suffix, fim.end, ...tail];
}
