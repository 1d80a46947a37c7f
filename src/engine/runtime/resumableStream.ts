import type { GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';

/**
 * The events of one generation over however many workers it takes: the requester sees one stream with a `recovering` and a
 * `recovered` in it, and the next worker gets the tokens that were already handed on.
 */
export class ResumableStream {
  readonly #tokens: number[] = [];
  #started = false;
  #recovering = false;
  #interrupted = false;
  #begunAt: number | null = null;
  #firstTextAt: number | null = null;

  /** `now` tells milliseconds. */
  constructor(
    private readonly report: (event: GenerationEvent) => void,
    private readonly now: () => number,
  ) {}

  /** Every token that the requester has seen the text of. */
  get tokens(): readonly number[] {
    return this.#tokens;
  }

  /** Whether the requester has heard anything. */
  get begun(): boolean {
    return this.#started;
  }

  /** A worker gets the request; the first one's time counts. */
  begin(): void {
    this.#begunAt ??= this.now();
  }

  /** What the last worker says, with the time to the first token of all: its own first token is one in the middle. */
  complete(result: GenerationResult): GenerationResult {
    if (!this.#interrupted || this.#begunAt === null || this.#firstTextAt === null) return result;
    return { ...result, stats: { ...result.stats, timeToFirstTokenMs: this.#firstTextAt - this.#begunAt } };
  }

  /** The worker has died. Repeated deaths before it is back are one event. */
  interrupted(): void {
    this.#interrupted = true;
    if (this.#recovering) return;
    this.#recovering = true;
    this.report({ kind: 'recovering' });
  }

  readonly onEvent = (event: GenerationEvent): void => {
    if (this.#recovering) {
      this.#recovering = false;
      this.report({ kind: 'recovered' });
    }
    if (event.kind === 'started') {
      // The next worker starts with the same prompt again; the requester knows it already.
      if (this.#started) return;
      this.#started = true;
    }
    if (event.kind === 'text') {
      this.#firstTextAt ??= this.now();
      this.#tokens.push(...event.tokens);
    }
    this.report(event);
  };
}
