import type { PodState } from './podState.js';

/** Who would lend, as of the last look: those that are connected, measured, and offer a device. */
export type Lenders = ReadonlySet<string>;

export function lendersOf({ machines }: PodState): Lenders {
  return new Set([...machines.values()].filter(({ link, facts }) => link !== null && facts?.offer.kind === 'offered').map(({ fingerprint }) => fingerprint));
}

/** Those of an earlier look who are still there: who leaves and comes back is new. */
export function stillThere(before: Lenders, now: Lenders): Lenders {
  return new Set([...before].filter((fingerprint) => now.has(fingerprint)));
}

/** Whether somebody is there who was not. */
export function hasGained(before: Lenders, now: Lenders): boolean {
  return [...now].some((fingerprint) => !before.has(fingerprint));
}
