const firstPauseMs = 2_000;
const longestPauseMs = 60_000;

/** Failures in a row and when the last one was, in milliseconds. */
export interface FailureStreak {
  readonly failures: number;
  readonly lastAt: number;
}

export const noFailures: FailureStreak = { failures: 0, lastAt: 0 };

/** Whether the next automatic request should wait: 2 s after a failure, twice as long after each further one, at most a minute. */
export function pausedAt({ failures, lastAt }: FailureStreak, now: number): boolean {
  if (failures === 0) return false;
  return now - lastAt < Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
}
