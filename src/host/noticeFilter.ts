import type { Clock } from '../engine/base/clock.js';
import type { EngineNotice } from '../engine/protocol/engineTypes.js';

/** A machine may be short of memory for hours: that its models come and go is told this often. */
const pressureMs = 600_000;

/** Decides which notices interrupt the user. */
export class NoticeFilter {
  readonly #told = new Set<string>();
  #pressureAt = -Infinity;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /**
   * Nothing about completion interrupts: its model is loaded while somebody types, and the status bar says with what context it runs.
   * That a model got less than it was to have is news once, not at every load.
   */
  isForMessage(notice: EngineNotice): boolean {
    if (notice.kind === 'memoryPressure') return this.#isNewPressure(notice.critical);
    const news = JSON.stringify(notice);
    if (notice.role === 'completion' || this.#told.has(news)) return false;
    this.#told.add(news);
    return true;
  }

  /** That nothing is loaded any more is told each time: the daemon says so once until it is over. */
  #isNewPressure(critical: boolean): boolean {
    const now = this.clock.now();
    if (!critical && now - this.#pressureAt < pressureMs) return false;
    this.#pressureAt = now;
    return true;
  }
}
