/** Bytes from `from` up to, but without, `to`. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Adds one to a sorted list of intervals that do not touch; the result is one too. */
export function addInterval(list: readonly Interval[], { from, to }: Interval): Interval[] {
  if (from >= to) return [...list];
  const before = list.filter((other) => other.to < from);
  const after = list.filter((other) => other.from > to);
  const touching = list.slice(before.length, list.length - after.length);
  return [...before, { from: Math.min(from, ...touching.map((other) => other.from)), to: Math.max(to, ...touching.map((other) => other.to)) }, ...after];
}

/** The first interval of `0..end` that is in none of the lists, at most `length` long; `null` when there is none. */
export function firstGap(list: readonly Interval[], end: number, length: number): Interval | null {
  let from = 0;
  for (const taken of list) {
    if (taken.from > from) break;
    from = taken.to;
  }
  if (from >= end) return null;
  const next = list.find((taken) => taken.from > from)?.from ?? end;
  return { from, to: Math.min(next, end, from + length) };
}

export function totalLength(list: readonly Interval[]): number {
  return list.reduce((sum, { from, to }) => sum + to - from, 0);
}
