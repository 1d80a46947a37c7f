import type { MemoryPressure } from '../../protocol/modelTypes.js';
import type { MemoryReading } from './memoryReading.js';

interface Bounds {
  /** Share of the memory that is left, of which no more counts than the bytes. */
  readonly share: number;
  readonly atMostBytes: number;
}

/**
 * By default earlyoom and systemd-oomd end programs when less than 10 % is left of the memory and of the swap: where there is swap left,
 * idle models have gone before. Large machines do not need as much. https://github.com/rfjakob/earlyoom, oomd.conf(5)
 */
const tight: Bounds = { share: 0.1, atMostBytes: 2e9 };
const critical: Bounds = { share: 0.05, atMostBytes: 1e9 };

/**
 * A program that runs against a limit of its own stands still too, with plenty of memory for the others: waiting counts only where little
 * is left. Shares of the time as in GLib's memory monitor, doubled, for its windows are of two seconds and ours of ten.
 */
const stalled = { some: 0.1, full: 0.1, belowShare: 0.2 };
/**
 * Then the files that programs run from are thrown out and read again, a mapped model among them; they count as available all the same.
 * systemd-oomd ends programs after 30 seconds with 60 %.
 */
const thrashing = 0.4;
/** What has been reached is left only when it is this much better, so that it does not come and go. */
const margin = 1.5;

/** The level of a reading, after `before`. */
export function pressureLevel(reading: MemoryReading, before: MemoryPressure): MemoryPressure {
  if (reading.system !== null) return reading.system;
  if (isCritical(reading, before === 'critical' ? margin : 1)) return 'critical';
  return isTight(reading, before === 'normal' ? 1 : margin) ? 'tight' : 'normal';
}

/** The same reading without what it tells of the past: what counts when memory has just been freed. */
export function atThisMoment(reading: MemoryReading): MemoryReading {
  return { ...reading, stalls: null, system: null };
}

function isCritical(reading: MemoryReading, times: number): boolean {
  return isBelow(reading, critical, times) || (stands(reading, 'full', stalled.full / times) && isBelow(reading, { share: stalled.belowShare / 2, atMostBytes: Infinity }, times));
}

function isTight(reading: MemoryReading, times: number): boolean {
  const littleLeft = isBelow(reading, { share: stalled.belowShare, atMostBytes: Infinity }, times);
  return isBelow(reading, tight, times) || (littleLeft && stands(reading, 'some', stalled.some / times)) || stands(reading, 'full', thrashing / times);
}

function isBelow({ availableBytes, totalBytes }: MemoryReading, { share, atMostBytes }: Bounds, times: number): boolean {
  return availableBytes < Math.min(totalBytes * share, atMostBytes) * times;
}

function stands({ stalls }: MemoryReading, who: 'some' | 'full', share: number): boolean {
  return stalls !== null && stalls[who] >= share;
}
