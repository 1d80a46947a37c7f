import { type Disposable, DisposableStore, toDisposable } from '../../engine/base/disposable.js';
import { failureOf } from '../../engine/base/errors.js';
import type { Logger } from '../../engine/base/logger.js';
import type { EngineClient } from '../../engine/client/engineClient.js';

/** Counts tokens of attachments with the chat model, in the background. */
export class TokenCounter implements Disposable {
  readonly #owned = new DisposableStore();

  constructor(
    private readonly engine: EngineClient,
    private readonly log: Logger,
  ) {}

  /** Calls back once when the model has counted, unless the result was disposed before. A failure leaves the estimate. */
  count(text: string, counted: (tokens: number) => void): Disposable {
    const controller = new AbortController();
    const counting = this.#owned.add(toDisposable(() => controller.abort()));
    this.engine
      .countTokens('chat', text, controller.signal)
      .then((tokens) => {
        if (!controller.signal.aborted) counted(tokens);
      })
      // What hinders the engine is told when the question is sent.
      .catch((error: unknown) => this.log.debug(`tokens of an attachment were not counted: ${failureOf(error).code}`))
      .finally(() => this.#owned.release(counting));
    return counting;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
