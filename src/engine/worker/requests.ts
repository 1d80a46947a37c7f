import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { EngineError, type Role } from '../base/errors.js';
import type { ChatRequest, ChatTurn, CompletionRequest, GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import type { ResumeTokens } from '../protocol/workerMessages.js';
import { coalesceText } from './coalesceText.js';
import { cutFimTexts, fimPromptTokens } from './fitFimPrompt.js';
import { fitTurns } from './fitTurns.js';
import { generate, type GenerationOrder } from './generation.js';
import type { ChatPrompt, LoadedModel, RoleContext, Sequence, Tokens } from './inferenceBackend.js';
import { linePieces } from './linePieces.js';
import { remembering } from './remembering.js';
import { SlotTable } from './slotTable.js';
import { promptLimit } from './tokenBudget.js';
import { healTokens } from './tokenHealing.js';

type Report = (event: GenerationEvent) => void;

interface RoleRuntime {
  readonly context: RoleContext;
  readonly slots: SlotTable<Sequence>;
}

/** Recent texts and their tokens: while a line is typed only its tail changes, and files are long. */
const rememberedTexts = 64;

/** Characters that are counted between two turns of the event loop: some 30 ms. */
const countedAtOnce = 65_536;

/** Answers requests with a loaded model. */
export class RequestRunner {
  readonly #roles: Record<Role, RoleRuntime | null>;
  readonly #tokenize: (text: string) => Tokens;

  constructor(private readonly model: LoadedModel, private readonly clock: Clock) {
    const runtime = (context: RoleContext | null): RoleRuntime | null => (context === null ? null : { context, slots: new SlotTable(context.sequences) });
    this.#roles = { completion: runtime(model.roles.completion), chat: runtime(model.roles.chat) };
    this.#tokenize = remembering((text) => model.vocabulary.tokenize(text), rememberedTexts);
  }

  async complete(request: CompletionRequest, resume: ResumeTokens, report: Report, signal: AbortSignal): Promise<GenerationResult> {
    const startedAt = this.clock.now();
    const runtime = this.#role('completion');
    const { fim, begin } = this.model.vocabulary;
    if (fim === null) throw new EngineError({ code: 'fimUnsupported', model: runtime.context.info.name });
    const limit = promptLimit(runtime.context.info.contextSize, request.maxTokens);
    const { context, prefix, suffix, tail } = cutFimTexts(request.prompt, limit);
    const tokenize = this.#tokenize;
    const { kept, startsWith } = healTokens(this.model.vocabulary.tokenize(tail), (tokens, before) => this.model.vocabulary.textOf(tokens, before));
    const parts = { context: context.map(tokenize), prefix: tokenize(prefix), suffix: tokenize(suffix), tail: kept };
    const prompt = fimPromptTokens(parts, fim, begin, limit);
    const stopTokens = new Set([fim.begin, fim.hole, fim.end]);
    return this.#generate(runtime, request, { prompt, resume, stopTokens, stopTexts: [], startsWith, opened: '', droppedTurns: 0, startedAt }, report, signal);
  }

  async chat(request: ChatRequest, resume: ResumeTokens, report: Report, signal: AbortSignal): Promise<GenerationResult> {
    const startedAt = this.clock.now();
    const runtime = this.#role('chat');
    const render = (turns: readonly ChatTurn[]): ChatPrompt => this.model.vocabulary.chatPrompt(turns);
    const limit = promptLimit(runtime.context.info.contextSize, request.maxTokens);
    const { turns, dropped } = fitTurns(request.turns, (some) => render(some).tokens.length, limit);
    const { tokens: prompt, ...answer } = render(turns);
    // A completion is not coalesced: its reader decides by every token whether to go on.
    const text = coalesceText(report, this.clock);
    try {
      return await this.#generate(runtime, request, { ...answer, prompt, resume, startsWith: '', droppedTurns: dropped, startedAt }, (event) => text.report(event), signal);
    } finally {
      text.flush();
    }
  }

  /** In pieces, so that a stream goes on beside it. Rejects with `cancelled` before the next piece once the signal is aborted. */
  async countTokens(text: string, signal: AbortSignal): Promise<number> {
    let tokens = 0;
    for (const piece of linePieces(text, countedAtOnce)) {
      throwIfAborted(signal);
      tokens += this.model.vocabulary.tokenize(piece).length;
      await setImmediate();
    }
    return tokens;
  }

  #role(role: Role): RoleRuntime {
    const runtime = this.#roles[role];
    if (runtime !== null) return runtime;
    if (this.model.wrongRole !== role) throw new EngineError({ code: 'roleOff', role });
    throw new EngineError({ code: 'wrongRole', model: (this.model.roles.chat ?? this.model.roles.completion)?.info.name ?? '', role });
  }

  async #generate(
    { context, slots }: RoleRuntime,
    { slot, maxTokens, sampling }: Pick<CompletionRequest, 'slot' | 'maxTokens' | 'sampling'>,
    order: Omit<GenerationOrder, 'maxTokens' | 'sampling'>,
    report: Report,
    signal: AbortSignal,
  ): Promise<GenerationResult> {
    const lease = await slots.acquire(slot, signal);
    try {
      const tools = { vocabulary: this.model.vocabulary, sequence: lease.resource, contextSize: context.info.contextSize, batchSize: context.batchSize, clock: this.clock };
      return await generate({ ...order, maxTokens, sampling }, tools, report, signal);
    } finally {
      lease.dispose();
    }
  }
}
