import type { Clock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import { EngineError } from '../../base/errors.js';
import { TemporaryError } from '../fetch/retry.js';

const minute = 60_000;
const firstPausesMs: readonly number[] = [minute, 2 * minute, 5 * minute];
const usualPauseMs = 10 * minute;
/** Some eight hours: a night without a network. */
export const mostTries = 50;

interface LaterTry {
  readonly tries: number;
  /** Milliseconds since 1970; `null` while it is being tried. */
  readonly at: number | null;
  readonly timer: Disposable;
}

/** Whether a download failed because nobody could be reached, which may pass by itself; a certificate that is not trusted does not. */
export function isOfNetwork(error: unknown): boolean {
  return EngineError.is(error, 'machineUnreachable') || (EngineError.is(error, 'serverUnreachable') && error.cause instanceof TemporaryError);
}

/** Downloads that failed for want of a network, and when each is tried again: after longer and longer pauses, and not for ever. */
export class LaterTries implements Disposable {
  readonly #waiting = new Map<string, LaterTry>();

  constructor(private readonly clock: Clock, private readonly tryAgain: (id: string) => void) {}

  /** One more try has failed. */
  wait(id: string): void {
    const tries = (this.#waiting.get(id)?.tries ?? 0) + 1;
    this.forget(id);
    if (tries > mostTries) return;
    const pause = firstPausesMs[tries - 1] ?? usualPauseMs;
    const timer = this.clock.setTimeout(() => {
      this.#waiting.set(id, { tries, at: null, timer });
      this.tryAgain(id);
    }, pause);
    this.#waiting.set(id, { tries, at: Date.now() + pause, timer });
  }

  /** When a download is tried again, in milliseconds since 1970; `null` when it is not. */
  next(id: string): number | null {
    return this.#waiting.get(id)?.at ?? null;
  }

  /** It is done, or somebody has said what is to become of it. */
  forget(id: string): void {
    this.#waiting.get(id)?.timer.dispose();
    this.#waiting.delete(id);
  }

  dispose(): void {
    for (const id of Array.from(this.#waiting.keys())) this.forget(id);
  }
}
