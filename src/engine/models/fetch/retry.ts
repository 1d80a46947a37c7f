import { delay } from '../../base/async.js';
import type { Clock } from '../../base/clock.js';
import { EngineError, type Failure } from '../../base/errors.js';

/** A failure that may pass by itself. */
export class TemporaryError extends Error {
  override readonly name = 'TemporaryError';

  /** @param waitMs How long the other side asks to be left alone; `null` where it does not say. */
  constructor(readonly failure: Failure, readonly waitMs: number | null = null, options?: ErrorOptions) {
    super(failure.code, options);
  }
}

const firstWaitMs = 500;
const longestBackoffMs = 30_000;
/** Whoever asks for more is not waited for: the user is told, and may come back. */
export const longestAskedWaitMs = 5 * 60_000;

/** What decides when something is tried again. */
export interface Patience {
  readonly clock: Clock;
  /** From 0 to 1, so that many clients do not come back at the same moment. */
  readonly random: () => number;
}

/** Milliseconds before the next try: twice as long after each, and between half of that and all of it. @param failures in a row, from 1 on */
export function backoffMs(failures: number, random: () => number): number {
  return Math.min(firstWaitMs * 2 ** (failures - 1), longestBackoffMs) * (0.5 + random() / 2);
}

/**
 * Tries up to `attempts` times, as long as the failures are temporary ones.
 * @throws EngineError the last failure, or whatever else an attempt throws
 */
export async function withRetries<T>(attempts: number, { clock, random }: Patience, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TemporaryError)) throw error;
      if (failures >= attempts || (error.waitMs ?? 0) > longestAskedWaitMs) throw new EngineError(error.failure, { cause: error });
      await delay(Math.max(error.waitMs ?? 0, backoffMs(failures, random)), signal, clock);
    }
  }
}
