import type { EngineNotice } from '../engine/protocol/engineTypes.js';

/** Decides which notices interrupt the user. */
export class NoticeFilter {
  readonly #told = new Set<string>();

  /**
   * Nothing about completion interrupts: its model is loaded while somebody types, and the status bar says with what context it runs.
   * That a model got less than it was to have is news once, not at every load.
   */
  isForMessage(notice: EngineNotice): boolean {
    if (notice.kind !== 'reduced') return true;
    const news = JSON.stringify(notice);
    if (notice.role === 'completion' || this.#told.has(news)) return false;
    this.#told.add(news);
    return true;
  }
}
