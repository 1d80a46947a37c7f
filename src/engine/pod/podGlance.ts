import { delay, raceAbort } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { LingeringHold } from '../base/lingeringHold.js';

/** How long paired machines get to connect, and how often it is looked whether they have. */
const waitMs = 2_000;
const lookMs = 100;
/** Whoever asks once asks again soon: about the next model. */
const keptMs = 30_000;

export interface PodGlanceOptions {
  readonly clock: Clock;
  /** Connects to the paired machines until it is disposed. */
  watch(): Promise<Disposable>;
  /** Whether some of them are on the way. */
  joining(): boolean;
}

/** A look at the pod without anybody watching it: connects, waits a moment, and stays for some time so that the next look is at once. */
export class PodGlance implements Disposable {
  readonly #store = new DisposableStore();
  readonly #ended = new AbortController();
  readonly #hold: LingeringHold<Disposable & { readonly joined: Promise<void> }>;

  constructor(private readonly options: PodGlanceOptions) {
    const connect = async (): Promise<Disposable & { readonly joined: Promise<void> }> => {
      const watching = await options.watch();
      const joined = this.#joined();
      // Everybody who looks may have given up.
      joined.catch(() => undefined);
      return { joined, dispose: () => watching.dispose() };
    };
    this.#hold = this.#store.add(new LingeringHold(options.clock, keptMs, connect));
    this.#store.add(toDisposable(() => this.#ended.abort()));
  }

  /** Settles when all paired machines are connected, or have had their time. @throws EngineError `cancelled` */
  async look(signal: AbortSignal): Promise<void> {
    const looking = await this.#hold.use(signal);
    try {
      await raceAbort(looking.value.joined, signal);
    } finally {
      looking.dispose();
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #joined(): Promise<void> {
    const { clock, joining } = this.options;
    for (let waited = 0; waited < waitMs && joining(); waited += lookMs) await delay(lookMs, this.#ended.signal, clock);
  }
}
