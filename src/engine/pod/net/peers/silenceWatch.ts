import type { Clock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import { heartbeatMs, silenceMs } from '../../../protocol/peerMessages.js';

export interface SilenceWatchOptions {
  readonly clock: Clock;
  /** Every `heartbeatMs`, for as long as the other end is not silent. */
  onBeat(): void;
  /** Called once: nothing was heard for `silenceMs`. */
  onSilent(): void;
}

/**
 * Notices when the other end says nothing for `silenceMs`. Time in which this process itself stood still does not count, for what came
 * meanwhile has not been read yet; it is looked often, so that such a time is seen from its beginning.
 */
export class SilenceWatch implements Disposable {
  #heardAt: number;
  #tick: Disposable | null = null;

  constructor(private readonly options: SilenceWatchOptions) {
    this.#heardAt = options.clock.now();
    this.#wait();
  }

  /** The other end lives. */
  heard(): void {
    this.#heardAt = this.options.clock.now();
  }

  dispose(): void {
    this.#tick?.dispose();
  }

  #wait(): void {
    const { clock, onBeat, onSilent } = this.options;
    const waitMs = Math.min(heartbeatMs, Math.max(1, this.#heardAt + silenceMs - clock.now()));
    const due = clock.now() + waitMs;
    this.#tick = clock.setTimeout(() => {
      const late = clock.now() - due;
      if (late > heartbeatMs) this.#heardAt += late;
      if (clock.now() - this.#heardAt >= silenceMs) {
        onSilent();
        return;
      }
      this.#wait();
      onBeat();
    }, waitMs);
  }
}
