import { EngineError } from '../base/errors.js';
import type { ChatTurn } from '../protocol/engineTypes.js';
import { coarse, mostCharacters, roughTokens } from './tokenBudget.js';

export interface FittedTurns {
  readonly turns: readonly ChatTurn[];
  /** How many of the oldest turns were left out. */
  readonly dropped: number;
}

const characters = (turns: readonly ChatTurn[]): number => turns.reduce((sum, { text }) => sum + text.length, 0);

/**
 * Leaves out the oldest turns until `count` is at most `limit`. System turns stay; a question goes together with its
 * answer; the last turn stays. It drops in blocks of a quarter of the limit, so that not every new turn moves the start
 * of the prompt and the KV cache stays valid. Turns that are certainly too far back are not counted. Fails with
 * `promptTooLong` when the last turn alone does not fit.
 */
export function fitTurns(turns: readonly ChatTurn[], count: (turns: readonly ChatTurn[]) => number, limit: number): FittedTurns {
  const system = turns.filter((turn) => turn.role === 'system');
  const talk = turns.filter((turn) => turn.role !== 'system');
  // A user turn that follows something else starts a new pair; the talk can begin at each of them.
  const starts = talk.flatMap((turn, index) => (index > 0 && turn.role === 'user' ? [index] : []));
  const from = (start: number): readonly ChatTurn[] => (start === 0 ? turns : [...system, ...talk.slice(start)]);

  const most = mostCharacters(limit);
  let left = characters(turns);
  const aimCharacters = left - coarse(left - most, Math.max(1, Math.floor(most / 4)));
  let near = 0;
  for (const start of starts) {
    if (left <= aimCharacters) break;
    left -= characters(talk.slice(near, start));
    near = start;
  }
  if (left > most) throw new EngineError({ code: 'promptTooLong', tokens: roughTokens(left), limit });

  const tokens = count(from(near));
  if (tokens <= limit) return { turns: from(near), dropped: near };
  const aim = tokens - coarse(tokens - limit, Math.max(1, Math.floor(limit / 4)));
  const later = starts.filter((start) => start > near);
  let fitting: number | null = null;
  let low = 0;
  let high = later.length - 1;
  // Fewer turns never have more tokens, so the first start that reaches the aim is found by halving.
  while (low <= high) {
    const middle = (low + high) >> 1;
    const start = later[middle] ?? near;
    if (count(from(start)) <= aim) {
      fitting = start;
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  const start = fitting ?? later.at(-1) ?? near;
  const kept = from(start);
  const rest = count(kept);
  if (rest > limit) throw new EngineError({ code: 'promptTooLong', tokens: rest, limit });
  return { turns: kept, dropped: start };
}
