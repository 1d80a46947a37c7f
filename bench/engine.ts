// The whole path as a window uses it: client → daemon → worker. Bundled by run.mjs.
import { type LogSink, nullLogSink } from '../src/engine/base/logger.js';
import { connectEngine } from '../src/engine/client/connectEngine.js';
import type { EngineClient } from '../src/engine/client/engineClient.js';
import type { EngineOptions, GenerationResult, ModelInfo, RoleOptions, Sampling } from '../src/engine/protocol/engineTypes.js';

const greedy: Sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: 1 };

/** Slots of each role; more cost speed on the CPU, so that what is compared has as many. */
export const benchSlots = 2;

/** Options with which both roles use one model on the CPU. */
export function benchOptions(path: string, threads: number): EngineOptions {
  const role: RoleOptions = { model: { path, gpu: 'cpu', gpuLayers: 'auto', threads, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] }, contextSize: 0, slots: benchSlots };
  return { completion: role, chat: role, pod: null, memoryBudgetBytes: 0, unloadAfterMs: 0, exitAfterMs: 60_000 };
}

/** A client of its own, as another window has one. */
export function openClient(root: string, log: LogSink = nullLogSink): EngineClient {
  return connectEngine({ root, clientName: 'bench', log });
}

export interface Measured {
  readonly result: GenerationResult;
  /** Milliseconds from the call to the first text, as the client sees it. */
  readonly firstTextMs: number;
  /** Tokens per second from the first text to the end, as the client sees it. */
  readonly tokensPerSecond: number;
}

async function measure(run: (onText: (tokens: number) => void) => Promise<GenerationResult>): Promise<Measured> {
  const begun = performance.now();
  let first = 0;
  let firstTokens = 0;
  const result = await run((tokens) => {
    if (first > 0) return;
    first = performance.now();
    firstTokens = tokens;
  });
  const rest = result.stats.generatedTokens - firstTokens;
  return { result, firstTextMs: first - begun, tokensPerSecond: (rest / (performance.now() - first)) * 1_000 };
}

/** An answer to one question; `slot` decides what is in the KV cache already. */
export function measureChat(client: EngineClient, slot: string, text: string, maxTokens: number): Promise<Measured> {
  return measure((onText) =>
    client.chat(
      { slot, turns: [{ role: 'user', text }], maxTokens, sampling: greedy },
      (event) => {
        if (event.kind === 'text') onText(event.tokens.length);
      },
      new AbortController().signal,
    ),
  );
}

/** The loaded model of the chat role. */
export function chatModel(client: EngineClient): ModelInfo {
  const { chat } = client.status;
  if (chat.state !== 'ready' && chat.state !== 'generating') throw new Error(`the chat model is ${chat.state}`);
  return chat.model;
}
