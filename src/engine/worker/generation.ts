import { throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { EngineError } from '../base/errors.js';
import type { GenerationEvent, GenerationResult, GenerationStats, Sampling } from '../protocol/engineTypes.js';
import type { Sequence, Tokens, Vocabulary } from './inferenceBackend.js';
import { StopTextFilter } from './stopTexts.js';
import { TokenTextDecoder, type TextPiece } from './tokenText.js';

export interface GenerationOrder {
  readonly prompt: Tokens;
  /** Generated before, by a worker that is gone: evaluated after the prompt and not reported again. */
  readonly resume: Tokens;
  /** Most tokens of the whole answer, `resume` included. */
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly stopTokens: ReadonlySet<number>;
  readonly stopTexts: readonly string[];
  /** What the answer must begin with; it is not reported. */
  readonly startsWith: string;
  /** Text that the prompt has opened for the answer; reported with the first text. */
  readonly opened: string;
  readonly droppedTurns: number;
  /** When the request came, on the clock. */
  readonly startedAt: number;
}

export interface GenerationTools {
  readonly vocabulary: Pick<Vocabulary, 'textOf'>;
  readonly sequence: Sequence;
  readonly contextSize: number;
  /** Most tokens of the prompt between two looks at the signal. */
  readonly batchSize: number;
  readonly clock: Clock;
}

/** Enough tokens of the prompt to decide about a leading space. */
const leftContext = 4;
const perSecond = (tokens: number, milliseconds: number): number => (tokens > 0 && milliseconds > 0 ? (tokens * 1_000) / milliseconds : 0);

/** Evaluates all but the last token of the prompt, one batch at a time, and answers the tokens that are left to sample after. */
async function evaluatePrompt(tokens: Tokens, cached: number, tools: GenerationTools, signal: AbortSignal): Promise<Tokens> {
  let next = cached;
  while (tokens.length - next > tools.batchSize) {
    throwIfAborted(signal);
    await tools.sequence.evaluate(tokens.slice(next, next + tools.batchSize));
    next += tools.batchSize;
  }
  throwIfAborted(signal);
  return tokens.slice(next);
}

/** Streams text to `report`: whole characters, nothing after a stop text, what the template opened in front, not `startsWith`. */
class TextReporter {
  readonly #decoder: TokenTextDecoder;
  readonly #filter: StopTextFilter;
  #opened: string;
  /** Characters that are still to be left out. */
  #given: number;

  constructor(order: GenerationOrder, given: string, vocabulary: Pick<Vocabulary, 'textOf'>, private readonly report: (event: GenerationEvent) => void) {
    this.#decoder = new TokenTextDecoder((tokens, before) => vocabulary.textOf(tokens, before), [...order.prompt, ...order.resume].slice(-leftContext));
    this.#filter = new StopTextFilter(order.stopTexts);
    this.#opened = order.resume.length === 0 ? order.opened : '';
    this.#given = given.length;
  }

  /** Answers whether a stop text was reached. */
  push(token: number): boolean {
    const decoded = this.#decoder.push(token);
    if (decoded === null) return false;
    const { piece, stopped } = this.#filter.push(decoded);
    this.#send(piece);
    return stopped;
  }

  end(): void {
    const decoded = this.#decoder.end();
    if (decoded !== null) {
      const { piece, stopped } = this.#filter.push(decoded);
      this.#send(piece);
      if (stopped) return;
    }
    this.#send(this.#filter.end());
  }

  #send(piece: TextPiece | null): void {
    if (piece === null) return;
    this.report({ kind: 'text', text: this.#opened + piece.text.slice(this.#given), tokens: [...piece.tokens] });
    this.#given = Math.max(0, this.#given - piece.text.length);
    this.#opened = '';
  }
}

/**
 * Makes one answer on a sequence. Rejects with `cancelled` before the next decode step once the signal is aborted;
 * what was evaluated stays in the cache.
 */
export async function generate(order: GenerationOrder, tools: GenerationTools, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
  const { sequence, clock, contextSize } = tools;
  const tokens = [...order.prompt, ...order.resume];
  // The last generated token is not evaluated, and one position stays free.
  const room = Math.min(order.maxTokens - order.resume.length, contextSize - 1 - tokens.length);
  if (tokens.length > contextSize - 1) throw new EngineError({ code: 'promptTooLong', tokens: tokens.length, limit: contextSize - 1 });

  // The last token is evaluated anew: sampling needs its logits. A slot that is only warmed needs none.
  const warmOnly = order.maxTokens === 0;
  const cached = await sequence.keepPrefix(warmOnly ? tokens : tokens.slice(0, -1));
  const cachedPrompt = Math.min(cached, order.prompt.length);
  const evaluated = order.prompt.length - cachedPrompt;
  report({ kind: 'started', promptTokens: order.prompt.length, cachedTokens: cachedPrompt, droppedTurns: order.droppedTurns });

  const promptStart = clock.now();
  let firstTokenAt: number | null = null;
  let lastTokenAt = promptStart;
  let generated = 0;
  const finish = (reason: GenerationResult['finish']): GenerationResult => {
    const promptEnd = firstTokenAt ?? clock.now();
    const stats: GenerationStats = {
      promptTokens: order.prompt.length,
      cachedTokens: cachedPrompt,
      evaluatedTokens: evaluated,
      generatedTokens: order.resume.length + generated,
      timeToFirstTokenMs: promptEnd - order.startedAt,
      promptTokensPerSecond: perSecond(tokens.length - cached, promptEnd - promptStart),
      decodeTokensPerSecond: perSecond(generated - 1, lastTokenAt - promptEnd),
    };
    return { finish: reason, stats };
  };

  const last = await evaluatePrompt(tokens, cached, tools, signal);
  if (room <= 0) {
    if (last.length > 0) await sequence.evaluate(last);
    throwIfAborted(signal);
    return finish('length');
  }

  const startsWith = order.startsWith.slice(tools.vocabulary.textOf(order.resume, order.prompt.slice(-leftContext)).length);
  const reporter = new TextReporter(order, startsWith, tools.vocabulary, report);
  for await (const token of sequence.generate(last, order.sampling, startsWith)) {
    lastTokenAt = clock.now();
    firstTokenAt ??= lastTokenAt;
    throwIfAborted(signal);
    if (order.stopTokens.has(token)) break;
    generated++;
    if (reporter.push(token)) return finish('end');
    if (generated >= room) {
      reporter.end();
      return finish('length');
    }
  }
  throwIfAborted(signal);
  reporter.end();
  return finish('end');
}
