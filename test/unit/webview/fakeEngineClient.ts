import { deferred, type Deferred } from '../../../src/engine/base/async.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { Emitter } from '../../../src/engine/base/event.js';
import type { EngineClient } from '../../../src/engine/client/engineClient.js';
import { FakeModelsClient } from '../../support/fakeModelsClient.js';
import { FakePodClient } from '../../support/fakePodClient.js';
import type { ChatRequest, EngineNotice, EngineStatus, GenerationEvent, GenerationResult, ModelInfo } from '../../../src/engine/protocol/engineTypes.js';

/** A chat request that the test answers. */
export interface OpenRequest {
  readonly request: ChatRequest;
  readonly signal: AbortSignal;
  readonly result: Deferred<GenerationResult>;
  event(event: GenerationEvent): void;
}

export const calf: ModelInfo = {
  name: 'Calf',
  path: '/models/calf.gguf',
  architecture: 'deepseek2',
  fileBytes: 1,
  contextSize: 2_048,
  layers: 6,
  gpuLayers: 0,
  gpu: 'cpu',
  threads: 1,
  remoteMachines: 0,
  fim: true,
  kvType: 'f16',
  lora: [],
  memoryBytes: { ram: 1, vram: 0 },
};

export const finished: GenerationResult = {
  finish: 'end',
  stats: { promptTokens: 7, cachedTokens: 0, evaluatedTokens: 7, generatedTokens: 2, timeToFirstTokenMs: 12, promptTokensPerSecond: 500, decodeTokensPerSecond: 90 },
};

/** The engine's port with nothing behind it: errors and orders of events that a real one does not give on demand. */
export class FakeEngineClient implements EngineClient {
  readonly requests: OpenRequest[] = [];
  readonly #waiting: Deferred<OpenRequest>[] = [];
  readonly #status = new Emitter<EngineStatus>();
  readonly onStatus = this.#status.event;
  readonly pod = new FakePodClient();
  readonly models = new FakeModelsClient();
  readonly onNotice = new Emitter<EngineNotice>().event;
  status: EngineStatus = { completion: { state: 'off' }, chat: { state: 'ready', model: calf, lastStats: null } };
  /** What `countTokens` answers. */
  tokens: Promise<number> = Promise.resolve(42);

  /** The next chat request, now or when it comes. */
  async nextRequest(): Promise<OpenRequest> {
    const request = this.requests.shift();
    if (request !== undefined) return request;
    const waiting = deferred<OpenRequest>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  setStatus(status: EngineStatus): void {
    this.status = status;
    this.#status.fire(status);
  }

  chat(request: ChatRequest, onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const result = deferred<GenerationResult>();
    signal.addEventListener('abort', () => result.reject(new EngineError({ code: 'cancelled' })), { once: true });
    const open: OpenRequest = { request, signal, result, event: onEvent };
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.requests.push(open);
    else waiting.resolve(open);
    return result.promise;
  }

  countTokens(): Promise<number> {
    return this.tokens;
  }
  complete(): Promise<GenerationResult> {
    return Promise.reject(new EngineError({ code: 'roleOff', role: 'completion' }));
  }
  configure(): Promise<void> {
    return Promise.resolve();
  }
  load(): Promise<void> {
    return Promise.resolve();
  }
  unload(): Promise<void> {
    return Promise.resolve();
  }
  diagnostics(): Promise<never> {
    return Promise.reject(new EngineError({ code: 'connectionLost' }));
  }
  shutdown(): Promise<boolean> {
    return Promise.resolve(true);
  }
  dispose(): void {
    this.#status.dispose();
  }
}
