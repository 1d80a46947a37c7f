import type { EngineStatus, GenerationStats } from '../engine/protocol/engineTypes.js';

/** The measures of the latest answer, and what each role reported when they were taken. */
export interface LastStats {
  readonly latest: GenerationStats | undefined;
  readonly completion: GenerationStats | undefined;
  readonly chat: GenerationStats | undefined;
}

export const noStats: LastStats = { latest: undefined, completion: undefined, chat: undefined };

const same = (a: GenerationStats | undefined, b: GenerationStats): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Takes the measures of the role whose report is new; a model that is unloaded keeps its last ones. */
export function withStatus(stats: LastStats, status: EngineStatus): LastStats {
  let next = stats;
  for (const role of ['completion', 'chat'] as const) {
    const state = status[role];
    if (state.state !== 'ready' || state.lastStats === null || same(next[role], state.lastStats)) continue;
    // One token has no speed: the last figure stays.
    next = { ...next, [role]: state.lastStats, ...(state.lastStats.decodeTokensPerSecond > 0 ? { latest: state.lastStats } : {}) };
  }
  return next;
}
