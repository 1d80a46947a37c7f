import os from 'node:os';

/** Until a machine that is no longer paired, or that breaks the rules, is cut off at the latest, in milliseconds: far less than any limit that would end it by itself. */
export const cutMs = 3_000;
/** Until a loss is noticed at the latest, in milliseconds. */
export const noticedMs = 9_000;

/**
 * What a machine is promised to do within so many milliseconds when it has nothing else to do may take longer on this one, which has so
 * many processes waiting for each of its processors.
 */
export function whileBusy(promisedMs: number): number {
  return promisedMs * (1 + (os.loadavg()[0] ?? 0) / os.availableParallelism());
}
