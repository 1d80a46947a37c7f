import { systemClock } from '../../src/engine/base/clock.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import { CompletionEngine } from '../../src/engine/completion/completionEngine.js';
import type { CompletionSettings } from '../../src/engine/completion/completionSettings.js';
import type { CompletionOutcome } from '../../src/engine/completion/outcome.js';
import { RecentChunks } from '../../src/engine/completion/recentChunks.js';
import type { CompletionRequest, FimPrompt } from '../../src/engine/protocol/engineTypes.js';
import { settle } from './manualClock.js';
import { snapshotAt } from './snapshotAt.js';

export const defaultCompletionSettings: CompletionSettings = {
  enabled: true,
  automatic: true,
  languages: { '*': true },
  maxTokens: 256,
  multiline: 'auto',
  recentChunks: 16,
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  repeatPenalty: 1,
  seed: null,
};

/** A request as the engine client saw it. */
export interface SeenRequest {
  readonly prompt: FimPrompt;
  promptTokens: number;
  cachedTokens: number;
  generatedTokens: number;
  aborted: boolean;
  /** How it ended. */
  end: 'open' | 'finished' | 'failed';
}

/** One window in which somebody types: the whole pipeline on a real engine, with every request written down. */
export class Typist {
  readonly requests: SeenRequest[] = [];
  readonly chunks = new RecentChunks();
  readonly engine: CompletionEngine;
  readonly #ends: Promise<unknown>[] = [];

  constructor(
    private readonly client: EngineClient,
    readonly slot: string,
    settings: Partial<CompletionSettings> = {},
  ) {
    const all = { ...defaultCompletionSettings, ...settings };
    this.engine = new CompletionEngine({
      stream: (request, onEvent, signal) => {
        const seen: SeenRequest = { prompt: request.prompt, promptTokens: 0, cachedTokens: 0, generatedTokens: 0, aborted: false, end: 'open' };
        this.requests.push(seen);
        signal.addEventListener('abort', () => (seen.aborted = seen.end === 'open'));
        return this.#follow(seen, request, onEvent, signal);
      },
      settings: () => all,
      clock: systemClock,
      chunks: this.chunks,
      slot,
    });
  }

  /** Asks at the cursor `|`, the keyboard having been quiet for long. */
  ask(marked: string, signal = new AbortController().signal): Promise<CompletionOutcome> {
    return this.engine.complete(snapshotAt(marked, { changedAt: Number.NEGATIVE_INFINITY }), signal);
  }

  /** Settles when no request is open any more, those that were asked ahead included. */
  async quiet(): Promise<void> {
    do {
      await Promise.all(this.#ends);
      // The pipeline hears of it a moment later.
      await settle();
    } while (this.requests.some((request) => request.end === 'open'));
  }

  dispose(): void {
    this.engine.dispose();
  }

  #follow(seen: SeenRequest, request: CompletionRequest, ...[onEvent, signal]: [Parameters<EngineClient['complete']>[1], AbortSignal]): ReturnType<EngineClient['complete']> {
    const result = this.client.complete(
      request,
      (event) => {
        if (event.kind === 'started') Object.assign(seen, { promptTokens: event.promptTokens, cachedTokens: event.cachedTokens });
        if (event.kind === 'text') seen.generatedTokens += event.tokens.length;
        onEvent(event);
      },
      signal,
    );
    this.#ends.push(result.then(() => (seen.end = 'finished'), () => (seen.end = 'failed')));
    return result;
  }
}
