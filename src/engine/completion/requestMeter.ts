import type { GenerationEvent } from '../protocol/engineTypes.js';

/** Counts what a request costs from its events, because a stream that is ended early brings no result. */
export class RequestMeter {
  promptTokens = 0;
  cachedTokens = 0;
  generatedTokens = 0;
  /** Milliseconds from the start to the first text; 0 before it has come. */
  timeToFirstTokenMs = 0;

  constructor(private readonly now: () => number, private readonly startedAt = now()) {}

  hear(event: GenerationEvent): void {
    if (event.kind === 'started') {
      this.promptTokens = event.promptTokens;
      this.cachedTokens = event.cachedTokens;
    } else if (event.kind === 'text') {
      if (this.generatedTokens === 0) this.timeToFirstTokenMs = this.now() - this.startedAt;
      this.generatedTokens += event.tokens.length;
    }
  }

  /** Milliseconds since the request began. */
  elapsedMs(): number {
    return this.now() - this.startedAt;
  }
}
