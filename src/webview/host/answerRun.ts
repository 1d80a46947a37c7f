import type { Clock } from '../../engine/base/clock.js';
import { failureOf } from '../../engine/base/errors.js';
import type { AnswerMeta, EndState } from '../../engine/chat/conversation.js';
import { type Piece, ThinkParser } from '../../engine/chat/thinkParser.js';
import type { EngineClient } from '../../engine/client/engineClient.js';
import type { ChatRequest, GenerationEvent, GenerationResult, RoleState } from '../../engine/protocol/engineTypes.js';

/** What happens to the answer, in order; `ended` is the last and always comes. */
export type RunEvent =
  | { readonly kind: 'started'; readonly droppedTurns: number }
  | { readonly kind: 'pieces'; readonly pieces: Piece[] }
  | { readonly kind: 'recovering' }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'ended'; readonly state: EndState; readonly meta: AnswerMeta | null };

export function modelNameOf(state: RoleState): string | null {
  return state.state === 'ready' || state.state === 'generating' ? state.model.name : null;
}

/**
 * Asks the engine for one answer. Settles when it has ended, in whatever way; never rejects.
 * An answer that was stopped or failed is measured here, since the engine gives figures with whole answers only.
 */
export async function runAnswer(
  engine: EngineClient,
  request: ChatRequest,
  clock: Clock,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const parser = new ThinkParser();
  const begun = clock.now();
  let promptTokens = 0;
  let generatedTokens = 0;
  let firstTokenAt: number | null = null;
  let modelName: string | null = null;

  const emitPieces = (pieces: Piece[]): void => {
    if (pieces.length > 0) emit({ kind: 'pieces', pieces });
  };
  const onEvent = (event: GenerationEvent): void => {
    modelName ??= modelNameOf(engine.status.chat);
    if (signal.aborted) return;
    switch (event.kind) {
      case 'started':
        promptTokens = event.promptTokens;
        emit({ kind: 'started', droppedTurns: event.droppedTurns });
        return;
      case 'text':
        firstTokenAt ??= clock.now();
        generatedTokens += event.tokens.length;
        emitPieces(parser.push(event.text, event.tokens.length));
        return;
      case 'recovering':
      case 'recovered':
        emit({ kind: event.kind });
        return;
    }
  };
  const measured = (): AnswerMeta | null => {
    if (firstTokenAt === null) return null;
    const seconds = (clock.now() - firstTokenAt) / 1_000;
    return {
      model: modelName ?? '',
      promptTokens,
      generatedTokens,
      timeToFirstTokenMs: firstTokenAt - begun,
      tokensPerSecond: generatedTokens > 1 && seconds > 0 ? (generatedTokens - 1) / seconds : null,
    };
  };
  const reported = ({ stats }: GenerationResult): AnswerMeta => ({
    model: modelName ?? modelNameOf(engine.status.chat) ?? '',
    promptTokens: stats.promptTokens,
    generatedTokens: stats.generatedTokens,
    timeToFirstTokenMs: stats.timeToFirstTokenMs,
    tokensPerSecond: stats.decodeTokensPerSecond > 0 ? stats.decodeTokensPerSecond : null,
  });

  let state: EndState;
  let meta: AnswerMeta | null;
  try {
    const result = await engine.chat(request, onEvent, signal);
    state = { state: 'complete', finish: result.finish };
    meta = reported(result);
  } catch (error) {
    // Whatever else goes wrong once it is stopped is not news: when the window closes, the connection goes at the same time.
    state = signal.aborted ? { state: 'stopped' } : { state: 'failed', failure: failureOf(error) };
    meta = measured();
  }
  emitPieces(parser.end());
  emit({ kind: 'ended', state, meta });
}
