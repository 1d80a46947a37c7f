/** How often a worker that dies is started again. A value: what has happened is handed in. */
export interface RestartPolicy {
  /** The wait before each restart that is allowed within the window, the first one first, in milliseconds. */
  readonly backoffMs: readonly number[];
  readonly windowMs: number;
}

export const defaultRestartPolicy: RestartPolicy = { backoffMs: [0, 500, 2_000], windowMs: 120_000 };

/** Times of deaths in milliseconds, oldest first. */
export type CrashHistory = readonly number[];

export type RestartDecision =
  | { readonly kind: 'restart'; readonly afterMs: number; readonly history: CrashHistory }
  /** `restarts` were made within the window and did not help. */
  | { readonly kind: 'giveUp'; readonly restarts: number; readonly history: CrashHistory };

/** What to do about a worker that died at `now`. */
export function afterCrash(policy: RestartPolicy, past: CrashHistory, now: number): RestartDecision {
  const history = [...past.filter((time) => now - time < policy.windowMs), now];
  const afterMs = policy.backoffMs[history.length - 1];
  if (afterMs !== undefined) return { kind: 'restart', afterMs, history };
  return { kind: 'giveUp', restarts: policy.backoffMs.length, history: history.slice(-policy.backoffMs.length - 1) };
}
