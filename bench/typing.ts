// Replays the typing of a file through the completion pipeline, as the editor calls it.
import { systemClock } from '../src/engine/base/clock.js';
import type { EngineClient } from '../src/engine/client/engineClient.js';
import { CompletionEngine } from '../src/engine/completion/completionEngine.js';
import { RecentChunks } from '../src/engine/completion/recentChunks.js';
import type { DocumentSnapshot } from '../src/engine/completion/snapshot.js';
import type { GenerationEvent } from '../src/engine/protocol/engineTypes.js';

export interface Keystroke {
  readonly outcome: string;
  readonly latencyMs: number;
  readonly debounceMs: number;
  /** Tokens that this keystroke made the model evaluate, without what it generated. */
  readonly evaluatedTokens: number;
}

function snapshotOf(text: string, version: number): DocumentSnapshot {
  const lines = text.split('\n');
  const linePrefix = lines.at(-1) ?? '';
  return {
    uri: 'file:///bench/trace.ts',
    path: 'src/trace.ts',
    languageId: 'typescript',
    version,
    line: lines.length - 1,
    firstLine: 0,
    prefix: text.slice(0, text.length - linePrefix.length),
    linePrefix,
    lineSuffix: '',
    below: '\n}\n',
    trigger: 'automatic',
    changedAt: performance.now(),
  };
}

/** Types `text` after `before`, one character at a time, and waits for each answer. */
export async function replay(client: EngineClient, before: string, text: string): Promise<Keystroke[]> {
  let evaluated = 0;
  const engine = new CompletionEngine({
    clock: systemClock,
    chunks: new RecentChunks(),
    slot: 'bench',
    settings: () => ({ enabled: true, automatic: true, languages: { '*': true }, maxTokens: 48, multiline: 'never', recentChunks: 16, temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 }),
    stream: (request, onEvent, signal) =>
      client.complete(
        request,
        (event: GenerationEvent) => {
          if (event.kind === 'started') evaluated += event.promptTokens - event.cachedTokens;
          onEvent(event);
        },
        signal,
      ),
  });
  const keystrokes: Keystroke[] = [];
  for (let typed = 1; typed <= text.length; typed++) {
    evaluated = 0;
    const begun = performance.now();
    const outcome = await engine.complete(snapshotOf(before + text.slice(0, typed), typed), new AbortController().signal);
    const shown = outcome.kind === 'shown';
    keystrokes.push({
      outcome: shown ? outcome.source : outcome.kind === 'empty' ? `empty: ${outcome.reason}` : outcome.kind,
      latencyMs: performance.now() - begun,
      debounceMs: shown ? outcome.stats.debounceMs : 0,
      evaluatedTokens: evaluated,
    });
  }
  engine.dispose();
  return keystrokes;
}
