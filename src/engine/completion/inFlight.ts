import type { RunningCompletion } from './runningCompletion.js';
import type { DocumentSnapshot } from './snapshot.js';

/** The one request that a window has at the model: it has one slot, so a second would only wait for the first. */
export class InFlight {
  #running: RunningCompletion | null = null;

  get busy(): boolean {
    return this.#running !== null && !this.#running.ended;
  }

  /** The running request if the snapshot goes on along it, with what was typed since it began. */
  attach(snapshot: DocumentSnapshot): { readonly running: RunningCompletion; readonly typed: string } | null {
    if (this.#running === null || this.#running.ended) return null;
    const typed = this.#running.typedFor(snapshot);
    return typed === null ? null : { running: this.#running, typed };
  }

  /** Takes the place of the request that ran before, which is aborted. */
  replace(running: RunningCompletion): void {
    this.abort();
    this.#running = running;
  }

  abort(): void {
    this.#running?.abort();
    this.#running = null;
  }
}
