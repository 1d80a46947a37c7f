import type { Role } from '../../src/engine/base/errors.js';
import { Emitter } from '../../src/engine/base/event.js';
import type { EngineNotice, EngineOptions, EngineStatus, GenerationEvent, GenerationResult, RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import type { EngineService } from '../../src/engine/runtime/engineService.js';
import type { GenerationRequest } from '../../src/engine/runtime/workerClient.js';

type Generate = (generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal) => Promise<GenerationResult>;

export const someResult: GenerationResult = {
  finish: 'end',
  stats: { promptTokens: 5, cachedTokens: 2, evaluatedTokens: 3, generatedTokens: 2, timeToFirstTokenMs: 4, promptTokensPerSecond: 100, decodeTokensPerSecond: 50 },
};

/** In place of the runtime: does what the test says and remembers what it was asked. */
export class FakeEngine implements EngineService {
  readonly #statusEmitter = new Emitter<EngineStatus>();
  readonly onStatus = this.#statusEmitter.event;
  readonly notices = new Emitter<EngineNotice>();
  readonly onNotice = this.notices.event;
  readonly workers = [{ pid: 4_711, roles: ['chat' as const], restarts: 1 }];
  status: EngineStatus = { completion: { state: 'off' }, chat: { state: 'unloaded' } };
  readonly calls: unknown[] = [];
  generate: Generate = async () => someResult;
  failure: Error | null = null;

  setStatus(status: EngineStatus): void {
    this.status = status;
    this.#statusEmitter.fire(status);
  }

  configure(options: EngineOptions): void {
    this.calls.push(['configure', options]);
  }

  async countTokens(role: Role, text: string): Promise<number> {
    this.calls.push(['countTokens', role, text]);
    if (this.failure !== null) throw this.failure;
    return text.length;
  }

  async load(role: Role): Promise<void> {
    this.calls.push(['load', role]);
    if (this.failure !== null) throw this.failure;
  }

  async unload(role: Role): Promise<void> {
    this.calls.push(['unload', role]);
  }
}

const role: RoleOptions = {
  model: { path: '/models/a.gguf', gpu: 'cpu', gpuLayers: 'auto', threads: 2, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] },
  contextSize: 2_048,
  slots: 2,
};
export const someOptions: EngineOptions = { completion: role, chat: role, pod: null, memoryBudgetBytes: 0, unloadAfterMs: 1_000, exitAfterMs: 1_000 };
