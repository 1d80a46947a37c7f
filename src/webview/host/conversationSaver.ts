import type { Clock } from '../../engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../engine/base/disposable.js';
import { type Failure, failureOf } from '../../engine/base/errors.js';
import type { WriteOutcome } from './conversationStore.js';

/** Longest time that streamed text is in memory only, in milliseconds. */
const saveAfterMs = 500;

export interface SaverEvents {
  /** `null` after a save that worked. */
  saved(id: string, failure: Failure | null): void;
  /** Nothing was written; settles when both versions are kept. */
  conflict(id: string): Promise<void>;
}

/**
 * Writes changed conversations, each at most every half second and never two writes of one at once.
 * After a failure the conversation stays in line; the next change or `flush` tries again.
 */
export class ConversationSaver implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #dirty = new Set<string>();
  readonly #timers = new Map<string, Disposable>();
  readonly #writing = new Map<string, Promise<void>>();

  constructor(
    private readonly write: (id: string) => Promise<WriteOutcome>,
    private readonly events: SaverEvents,
    private readonly clock: Clock,
  ) {}

  /** Whether the last change is not on the disk yet. */
  isUnsaved(id: string): boolean {
    return this.#dirty.has(id) || this.#writing.has(id);
  }

  changed(id: string): void {
    this.#dirty.add(id);
    if (this.#timers.has(id) || this.#owned.disposed) return;
    const timer = this.clock.setTimeout(() => {
      this.#endTimer(id);
      void this.flush(id);
    }, saveAfterMs);
    this.#timers.set(id, this.#owned.add(timer));
  }

  /** Nothing of this conversation is to be written any more. Waits for a write that is under way. */
  async forget(id: string): Promise<void> {
    this.#dirty.delete(id);
    this.#endTimer(id);
    await this.#writing.get(id);
  }

  /** Settles when the present text of the conversation is on the disk, or could not be written. Never rejects. */
  flush(id: string): Promise<void> {
    const underWay = this.#writing.get(id);
    // That one may be of an older text; a newer one may have begun when it is done.
    return underWay === undefined ? this.#start(id) : underWay.then(() => this.#writing.get(id) ?? this.#start(id));
  }

  async flushAll(): Promise<void> {
    await Promise.all([...new Set([...this.#dirty, ...this.#writing.keys()])].map((id) => this.flush(id)));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #start(id: string): Promise<void> {
    if (!this.#dirty.delete(id)) return Promise.resolve();
    this.#endTimer(id);
    const writing = this.#writeNow(id).finally(() => this.#writing.delete(id));
    this.#writing.set(id, writing);
    return writing;
  }

  async #writeNow(id: string): Promise<void> {
    try {
      const outcome = await this.write(id);
      if (outcome.kind === 'conflict') await this.events.conflict(id);
      else this.events.saved(id, null);
    } catch (error) {
      this.#dirty.add(id);
      this.events.saved(id, failureOf(error));
    }
  }

  #endTimer(id: string): void {
    const timer = this.#timers.get(id);
    this.#timers.delete(id);
    if (timer !== undefined) this.#owned.release(timer);
  }
}
