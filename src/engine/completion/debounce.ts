import { median } from '../base/median.js';

const minimumMs = 15;
const maximumMs = 300;
/** Before anything has been measured. */
const unmeasuredMs = 75;
/** A request that is started too early costs about this share of its time: what runs until the abort arrives. */
const wastedShare = 0.2;
const historyLength = 15;

/** The last latencies with a new one at the end, in milliseconds. */
export function withLatency(history: readonly number[], latencyMs: number): readonly number[] {
  return [...history, latencyMs].slice(-historyLength);
}

/**
 * How long the keyboard has to be quiet before a request starts, in milliseconds: a share of the median latency.
 * With a fast model waiting would be most of the delay; with a slow one a request per keystroke only heats the machine.
 */
export function debounceMs(history: readonly number[]): number {
  const latency = median(history);
  return latency === undefined ? unmeasuredMs : Math.min(maximumMs, Math.max(minimumMs, Math.round(latency * wastedShare)));
}

/** What is still to wait at `now` after a change at `changedAt`: time that has passed since counts. */
export function remainingMs(totalMs: number, changedAt: number, now: number): number {
  return Math.max(0, totalMs - Math.max(0, now - changedAt));
}
