import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import { EngineError, type Role } from '../base/errors.js';
import type { GenerationStats, ModelInfo, ModelOptions } from '../protocol/engineTypes.js';
import type { EngineRuntime, EngineRuntimeOptions } from './engineRuntime.js';
import type { RestartPolicy } from './restartPolicy.js';
import { measureAnswer, trialContextSize } from './trialPrompt.js';
import { WorkerSupervisor } from './workerSupervisor.js';

/** What a model did when it was tried. */
export interface Trial {
  readonly model: ModelInfo;
  readonly stats: GenerationStats;
}

/** What a model is loaded with where the user has said nothing. */
const usualOptions: Omit<ModelOptions, 'path'> = { gpu: 'auto', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] };

/** A worker that dies is no measurement, also when the next one would live. */
const noRestart: RestartPolicy = { backoffMs: [], windowMs: 0 };

/** Tries models as they are used: in real workers, with the settings of the user. */
export class Trials implements Disposable {
  readonly #store = new DisposableStore();
  /** One for each trial in a worker of its own: two may be of the same model. */
  readonly #held = new Set<{ readonly path: string }>();

  constructor(
    private readonly setup: Pick<EngineRuntimeOptions, 'launch' | 'patience' | 'clock' | 'log' | 'placement'>,
    private readonly runtime: Pick<EngineRuntime, 'options' | 'generate' | 'countTokens' | 'load' | 'status' | 'unloadIdle' | 'beside'>,
  ) {}

  /** The models that are in memory for a trial of their own, or on their way there. */
  get heldFiles(): string[] {
    return [...this.#held].map(({ path }) => path);
  }

  /** In a worker of its own, which has the memory of idle models and ends with the trial. @throws EngineError as for loading and generating */
  async here(path: string, role: Role, signal: AbortSignal): Promise<Trial> {
    const held = { path };
    this.#held.add(held);
    try {
      await this.runtime.unloadIdle();
      return await this.#inWorker(path, role, signal);
    } finally {
      this.#held.delete(held);
    }
  }

  /** The model of `EngineOptions.pod`, on the pod. @throws EngineError `roleOff` without one, and as the pod says where it cannot */
  async onPod(signal: AbortSignal): Promise<Trial> {
    if ((this.runtime.options?.pod ?? null) === null) throw new EngineError({ code: 'roleOff', role: 'chat' });
    await this.runtime.load('chat', signal);
    const stats = await measureAnswer(this.runtime, 'chat', this.#chatModel().contextSize, signal);
    // The local model has answered in its place, which would be no measurement of the pod.
    const { fallback } = this.setup.placement;
    if (fallback !== null) throw new EngineError(fallback);
    return { model: this.#chatModel(), stats };
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #inWorker(path: string, role: Role, signal: AbortSignal): Promise<Trial> {
    const { launch, patience, clock, log } = this.setup;
    const context = { contextSize: trialContextSize, slots: 1 };
    const load = { model: this.#modelOptions(path, role), completion: role === 'completion' ? context : null, chat: role === 'chat' ? context : null, remote: null };
    const supervisor = new WorkerSupervisor({ ...this.runtime.beside(load), launch, policy: noRestart, patience, clock, log: log.child('trial') });
    const running = this.#store.add(toDisposable(() => supervisor.dispose()));
    try {
      await supervisor.ready(signal);
      const stats = await measureAnswer(supervisor, role, trialContextSize, signal);
      const { state } = supervisor;
      const model = state.kind === 'ready' ? state.models[role] : null;
      if (model === null) throw new EngineError({ code: 'internal', reason: 'the model has left before it was looked at' });
      return { model, stats };
    } finally {
      await supervisor.stop();
      running.dispose();
    }
  }

  #chatModel(): ModelInfo {
    const { chat } = this.runtime.status;
    if (chat.state === 'error') throw new EngineError(chat.failure);
    if (chat.state !== 'ready' && chat.state !== 'generating') throw new EngineError({ code: 'internal', reason: 'the model has left before it was looked at' });
    return chat.model;
  }

  /** As the user has said for the role; but an adapter belongs to one model, and this may be another. */
  #modelOptions(path: string, role: Role): ModelOptions {
    const model = this.runtime.options?.[role]?.model;
    return { ...usualOptions, ...model, path, lora: model?.path === path ? model.lora : [] };
  }
}
