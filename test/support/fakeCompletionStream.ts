import { deferred } from '../../src/engine/base/async.js';
import { EngineError, type Failure } from '../../src/engine/base/errors.js';
import type { CompletionRequest, GenerationEvent, GenerationResult } from '../../src/engine/protocol/engineTypes.js';

const stats = {
  promptTokens: 10,
  cachedTokens: 8,
  evaluatedTokens: 2,
  generatedTokens: 1,
  timeToFirstTokenMs: 1,
  promptTokensPerSecond: 1,
  decodeTokensPerSecond: 1,
};

/** One request at the fake model; the test plays the model's part. */
export class FakeRequest {
  readonly #result = deferred<GenerationResult>();

  constructor(
    readonly request: CompletionRequest,
    readonly signal: AbortSignal,
    private readonly onEvent: (event: GenerationEvent) => void,
  ) {
    signal.addEventListener('abort', () => this.fail({ code: 'cancelled' }));
    onEvent({ kind: 'started', promptTokens: stats.promptTokens, cachedTokens: stats.cachedTokens, droppedTurns: 0 });
  }

  get aborted(): boolean {
    return this.signal.aborted;
  }

  get result(): Promise<GenerationResult> {
    return this.#result.promise;
  }

  say(...texts: string[]): this {
    for (const text of texts) this.onEvent({ kind: 'text', text, tokens: [1] });
    return this;
  }

  end(): void {
    this.#result.resolve({ finish: 'end', stats });
  }

  fail(failure: Failure): void {
    this.#result.reject(new EngineError(failure));
  }
}

/** Stands in for the model at the stream port, for orders of events that a real one does not make on demand. */
export class FakeCompletionStream {
  readonly requests: FakeRequest[] = [];

  readonly stream = (request: CompletionRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> => {
    const fake = new FakeRequest(request, signal, onEvent);
    this.requests.push(fake);
    return fake.result;
  };

  /** The newest request; fails if there is none. */
  get last(): FakeRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('nothing has been asked of the model');
    return last;
  }
}
