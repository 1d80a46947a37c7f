export interface AttemptLimit {
  readonly count: number;
  /** Milliseconds. */
  readonly within: number;
}

/** The times of the attempts that count, with one more at `now`; `null` when that would be more than the limit allows. Refused ones do not count. */
export function admitAttempt(limit: AttemptLimit, earlier: readonly number[], now: number): readonly number[] | null {
  const recent = earlier.filter((time) => now - time < limit.within);
  return recent.length < limit.count ? [...recent, now] : null;
}
