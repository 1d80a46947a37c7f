import type { Machine } from '../engine/protocol/podTypes.js';

/** What the user's word for a machine means among those that are known. */
export type FoundMachine = { readonly kind: 'one'; readonly machine: Machine } | { readonly kind: 'none' } | { readonly kind: 'several'; readonly machines: readonly Machine[] };

/** A shorter start of a fingerprint could be met by chance, or made. */
const shortestPrefix = 8;

/** Finds a machine by its fingerprint, the start of it, or its name. Names are labels: two machines may have the same. */
export function findMachine(machines: readonly Machine[], word: string): FoundMachine {
  const wanted = word.trim().toLowerCase();
  const byKey = machines.filter(({ fingerprint }) => wanted.length >= shortestPrefix && fingerprint?.startsWith(wanted) === true);
  const found = byKey.length > 0 ? byKey : machines.filter(({ name }) => name.toLowerCase() === wanted);
  const [machine, ...others] = found;
  if (machine === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', machine } : { kind: 'several', machines: found };
}

/** As much of a fingerprint as tells machines apart on a screen. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}
