import { linkSignals } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { assertNever, EngineError, type Failure, type Role } from '../base/errors.js';
import type { GenerationEvent, GenerationResult, GenerationStats, RoleState } from '../protocol/engineTypes.js';
import type { LoadResult } from '../protocol/workerMessages.js';
import { RateMeter } from '../base/rateMeter.js';
import { RequestQueue } from './requestQueue.js';
import type { GenerationRequest } from './workerClient.js';
import type { WorkerSupervisor } from './workerSupervisor.js';

/** Typing sends many short-lived requests; more than this means that something is wrong with a client. */
const maxWaiting = 64;

/** The requests of one role on their way to its worker, and what the status bar says about the role. */
export class RoleLane {
  readonly #queue: RequestQueue;
  readonly #open = new Set<{ abort(): void }>();
  #meter = new RateMeter();
  #generating = 0;
  #lastStats: GenerationStats | null = null;

  constructor(
    private readonly role: Role,
    slots: number,
    private readonly supervisor: WorkerSupervisor,
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {
    this.#queue = new RequestQueue(role, slots, maxWaiting);
  }

  get open(): number {
    return this.#open.size;
  }

  get state(): RoleState {
    const worker = this.supervisor.state;
    switch (worker.kind) {
      case 'stopped':
        return { state: 'unloaded' };
      case 'crashed':
        return { state: this.#open.size > 0 ? 'recovering' : 'unloaded' };
      case 'starting':
        return worker.recovering ? { state: 'recovering' } : { state: 'loading', progress: worker.progress };
      case 'failed':
        return { state: 'error', failure: worker.failure };
      case 'ready': {
        const model = worker.models[this.role];
        if (model === null) return { state: 'error', failure: this.#missing(worker.models) };
        if (this.role === 'completion' && !model.fim) return { state: 'error', failure: { code: 'fimUnsupported', model: model.name } };
        if (this.#generating > 0) return { state: 'generating', model, tokensPerSecond: this.#meter.rate() };
        return { state: 'ready', model, lastStats: this.#lastStats };
      }
      default:
        return assertNever(worker);
    }
  }

  generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    return this.#track(signal, (own) =>
      this.#queue.run(generation.request.slot, own, async () => {
        let counted = false;
        const onEvent = (event: GenerationEvent): void => {
          if (event.kind === 'started' && generation.request.maxTokens > 0) {
            counted = true;
            this.#began();
          }
          if (event.kind === 'text') {
            this.#meter.add(event.tokens.length, this.clock.now());
            this.onChange();
          }
          report(event);
        };
        try {
          const result = await this.supervisor.generate(generation, onEvent, own);
          if (result.stats.generatedTokens > 0) this.#lastStats = result.stats;
          return result;
        } finally {
          if (counted) this.#ended();
        }
      }),
    );
  }

  countTokens(text: string, signal: AbortSignal): Promise<number> {
    return this.#track(signal, (own) => this.supervisor.countTokens(this.role, text, own));
  }

  /** Fails with `wrongRole` where the model came for the other role alone. */
  load(signal: AbortSignal): Promise<void> {
    return this.#track(signal, async (own) => {
      await this.supervisor.ready(own);
      const worker = this.supervisor.state;
      if (worker.kind === 'ready' && worker.models[this.role] === null) throw new EngineError(this.#missing(worker.models));
    });
  }

  /** Every open request ends with `cancelled`. */
  cancelAll(): void {
    for (const request of this.#open) request.abort();
  }

  #missing(models: LoadResult): Failure {
    if (models.wrongRole !== this.role) return { code: 'internal', reason: `the worker has no context for ${this.role}` };
    return { code: 'wrongRole', model: (models.chat ?? models.completion)?.name ?? '', role: this.role };
  }

  #began(): void {
    if (this.#generating++ === 0) this.#meter = new RateMeter();
    this.onChange();
  }

  #ended(): void {
    this.#generating--;
    this.onChange();
  }

  async #track<T>(signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T> {
    const request = linkSignals(signal);
    this.#open.add(request);
    this.onChange();
    try {
      return await work(request.signal);
    } finally {
      request.dispose();
      this.#open.delete(request);
      this.onChange();
    }
  }
}
