import { EngineError } from '../base/errors.js';
import type { CompletionRequest, GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import { AsyncQueue } from './asyncQueue.js';

/** How the pipeline reaches a model; `EngineClient.complete` has this shape. Rejects with an `EngineError`. */
export type CompletionStream = (
  request: CompletionRequest,
  onEvent: (event: GenerationEvent) => void,
  signal: AbortSignal,
) => Promise<GenerationResult>;

/**
 * The text of a request as it comes. Ending the iteration early, or aborting the signal, aborts the request in the
 * worker. Throws what the request failed with; `cancelled` at once when the signal is aborted.
 */
export async function* textStream(
  stream: CompletionStream,
  request: CompletionRequest,
  onEvent: (event: GenerationEvent) => void,
  signal: AbortSignal,
): AsyncGenerator<string> {
  if (signal.aborted) throw new EngineError({ code: 'cancelled' });
  const texts = new AsyncQueue<string>();
  const work = new AbortController();
  const onAbort = (): void => {
    work.abort();
    texts.fail(new EngineError({ code: 'cancelled' }));
  };
  const hear = (event: GenerationEvent): void => {
    onEvent(event);
    if (event.kind === 'text' && event.text !== '') texts.push(event.text);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    stream(request, hear, work.signal).then(() => texts.finish(), (error: unknown) => texts.fail(error));
    yield* texts.values();
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.abort();
  }
}
