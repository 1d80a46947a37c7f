import type { PeerFacts } from '../../../protocol/peerMessages.js';
import type { Device, ShareOptions } from '../../../protocol/podTypes.js';

export type Offer = PeerFacts['offer'];

export interface LendingFacts {
  /** `null` while this machine does not share. */
  readonly options: ShareOptions | null;
  /** Whether the libraries for remote layers are there. */
  readonly library: boolean;
  readonly devices: readonly Device[];
  /** Bytes of main memory that are free. */
  readonly freeMemory: number;
}

/** Main memory that stays with this machine's own programs where no limit is set: a part of what is free, and at least some. */
const ownShare = 0.1;
const leastOwnBytes = 1_024 * 1_024 * 1_024;
/** A GPU's memory that stays free, for the screen and for what the driver itself needs. */
const ownGpuShare = 0.05;

/** What is lent: a GPU before the processor, the largest one first; the processor by consent alone. */
export function lentDevice({ options, devices }: Pick<LendingFacts, 'options' | 'devices'>): Device | null {
  if (options === null) return null;
  const allowed = devices.filter(({ kind }) => kind === 'gpu' || options.cpu);
  return allowed.toSorted((a, b) => Number(b.kind === 'gpu') - Number(a.kind === 'gpu') || b.freeBytes - a.freeBytes)[0] ?? null;
}

/** Bytes that a coordinator may use: what the device has free and this machine can spare, within the user's limit. */
export function lendableBytes(facts: LendingFacts): number {
  return bytesWithin(facts, 1);
}

/** Most that is granted. A plan may use an offer to its last byte, and a little may have gone since: half of what is spared is for that. */
export function grantableBytes(facts: LendingFacts): number {
  return bytesWithin(facts, 0.5);
}

/** `spared` is how much of what stays with this machine really does, from 0 to 1. */
function bytesWithin(facts: LendingFacts, spared: number): number {
  const device = lentDevice(facts);
  if (device === null || facts.options === null) return 0;
  const spare = Math.max(facts.freeMemory * ownShare, leastOwnBytes) * spared;
  // What ggml calls free of a processor's memory is all of it.
  const free = device.kind === 'cpu' ? Math.min(device.freeBytes, facts.freeMemory) - spare : device.freeBytes * (1 - ownGpuShare * spared);
  const limit = facts.options.memoryLimit === 0 ? Number.POSITIVE_INFINITY : facts.options.memoryLimit;
  return Math.max(0, Math.floor(Math.min(free, limit)));
}

/** Whether a paired machine may use this one. */
export function mayBorrow(options: ShareOptions, borrower: { readonly fingerprint: string; readonly name: string }): boolean {
  return options.only.length === 0 || options.only.includes(borrower.fingerprint) || options.only.includes(borrower.name);
}

/** What a machine that asks is told. `holder` is the name of another one that uses the device now. */
export function offerTo(borrower: { readonly fingerprint: string; readonly name: string }, facts: LendingFacts, holder: string | null): Offer {
  if (facts.options === null) return { kind: 'refused', reason: 'notSharing' };
  if (!mayBorrow(facts.options, borrower)) return { kind: 'refused', reason: 'notAllowed' };
  if (!facts.library) return { kind: 'refused', reason: 'noLibrary' };
  const device = lentDevice(facts);
  if (device === null) return { kind: 'refused', reason: 'noDevice' };
  if (holder !== null) return { kind: 'held', holder };
  return { kind: 'offered', device: device.name, bytes: lendableBytes(facts) };
}
