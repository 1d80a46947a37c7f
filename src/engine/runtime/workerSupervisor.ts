import { deferred, delay, throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, type Failure, failureOf, messageOf, type Role } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import type { LoadParams, LoadResult } from '../protocol/workerMessages.js';
import type { LoadSource } from './layerPlacement.js';
import { afterCrash, type CrashHistory, type RestartPolicy } from './restartPolicy.js';
import { ResumableStream } from './resumableStream.js';
import { SharedTask } from './sharedTask.js';
import { type Patience, whileObeyed } from './stuckWorker.js';
import type { GenerationRequest, WorkerClient, WorkerLauncher } from './workerClient.js';

/** What the worker of a supervisor is doing. */
export type WorkerState =
  | { readonly kind: 'stopped' }
  /** `recovering` after a death, otherwise the first load; `progress` from 0 to 1. */
  | { readonly kind: 'starting'; readonly progress: number; readonly recovering: boolean }
  | { readonly kind: 'ready'; readonly worker: WorkerClient; readonly models: LoadResult }
  /** Died and not started again yet: the next request does so, after the wait of the restart policy. */
  | { readonly kind: 'crashed'; readonly afterMs: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface SupervisorOptions {
  /** Asked before every start, so that a restart may load something else. */
  readonly source: LoadSource;
  readonly launch: WorkerLauncher;
  readonly policy: RestartPolicy;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly log: Logger;
  /**
   * Settles when the memory of earlier workers is free, so that two models are never loaded where one was meant. Rejects when nothing
   * may be loaded at the moment.
   */
  readonly memoryFree: () => Promise<void>;
  readonly loaded?: (models: LoadResult) => void;
}

/** Keeps one worker process: starts it at the first request, restarts it when it dies, continues the open requests. */
export class WorkerSupervisor implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  #state: WorkerState = { kind: 'stopped' };
  #start: SharedTask<WorkerClient> | null = null;
  /** The process in being, loaded or not. */
  #worker: WorkerClient | null = null;
  /** Settles when the last process that was started is gone: until then its memory is taken. */
  #lastGone: Promise<unknown> = Promise.resolve();
  /** Why the process in being was killed by `interrupt`. */
  #interruption: string | null = null;
  #history: CrashHistory = [];
  #restarts = 0;
  /** Answers that a worker is making. */
  #answers = 0;

  constructor(private readonly options: SupervisorOptions) {}

  readonly onChange: Event<void> = this.#changed.event;

  get state(): WorkerState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#worker?.pid ?? null;
  }

  /** Restarts since the supervisor was made. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Loads the model, or waits for a load that is under way; cancelling the only waiter stops it. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#acquire(signal);
  }

  async generate(generation: GenerationRequest, report: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    const stream = new ResumableStream(report, () => this.options.clock.now());
    const result = await this.#withWorker(
      signal,
      (worker) => {
        stream.begin();
        return this.#answering(worker.generate(generation, stream.tokens, stream.onEvent, signal));
      },
      () => stream.interrupted(),
    );
    return stream.complete(result);
  }

  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number> {
    return this.#withWorker(
      signal,
      (worker) => worker.countTokens(role, text, signal),
      () => undefined,
    );
  }

  /**
   * Kills the process, if there is one, because something that it depends on is gone. Open requests go on in the next one.
   * It is not the worker's fault, so it does not count for the restart policy.
   */
  interrupt(reason: string): void {
    if (this.#worker === null) return;
    this.#interruption ??= reason;
    this.#worker.dispose();
  }

  /** Ends the process and waits until it is gone. Open requests are the caller's to abort first. */
  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#start = null;
    this.#history = [];
    this.#setState({ kind: 'stopped' });
    if (worker === null) return;
    worker.dispose();
    await worker.exited;
  }

  /** Kills the process without waiting. */
  dispose(): void {
    this.#worker?.dispose();
    this.#worker = null;
    this.#start = null;
    this.#store.dispose();
  }

  async #withWorker<T>(signal: AbortSignal, work: (worker: WorkerClient) => Promise<T>, onInterrupted: () => void): Promise<T> {
    let interrupted = false;
    for (;;) {
      // A request that was open when the policy gave up ends here; a later one tries again.
      if (interrupted && this.#state.kind === 'failed') throw new EngineError(this.#state.failure);
      const worker = await this.#acquire(signal);
      try {
        return await whileObeyed(work(worker), worker, signal, this.options);
      } catch (error) {
        if (!EngineError.is(error, 'connectionLost')) throw error;
        throwIfAborted(signal);
        interrupted = true;
        onInterrupted();
      }
    }
  }

  async #answering<T>(answer: Promise<T>): Promise<T> {
    if (this.#answers++ === 0) this.options.source.generating(true);
    try {
      return await answer;
    } finally {
      if (--this.#answers === 0) this.options.source.generating(false);
    }
  }

  async #acquire(signal: AbortSignal): Promise<WorkerClient> {
    throwIfAborted(signal);
    if (this.#state.kind === 'ready') return this.#state.worker;
    if (this.#start === null || this.#start.aborted) {
      const start: SharedTask<WorkerClient> = new SharedTask((aborted) => this.#bringUp(aborted, () => this.#start === start));
      this.#start = start;
    }
    return this.#start.join(signal);
  }

  /** Starts and loads until it works, a load fails for a reason that a restart does not change, or the policy gives up. */
  async #bringUp(signal: AbortSignal, current: () => boolean): Promise<WorkerClient> {
    // `current` compares with a field that is assigned when the constructor of the task is done.
    await Promise.resolve();
    let afterMs = this.#state.kind === 'crashed' ? this.#state.afterMs : 0;
    let recovering = this.#state.kind === 'crashed';
    const setState = (state: WorkerState): void => {
      if (current()) this.#setState(state);
    };
    try {
      for (;;) {
        setState({ kind: 'starting', progress: 0, recovering });
        await this.options.memoryFree();
        await this.#lastGone;
        await delay(afterMs, signal, this.options.clock);
        const worker = await this.#load(signal, (progress) => {
          setState({ kind: 'starting', progress, recovering });
          if (current()) this.options.source.progress(progress);
        });
        if (!current()) {
          if (worker.kind === 'loaded') worker.worker.dispose();
          throw new EngineError({ code: 'cancelled' });
        }
        if (worker.kind === 'loaded') {
          this.#becomeReady(worker.worker, worker.models);
          return worker.worker;
        }
        const decision = this.#crashed(worker.exit);
        if (decision.kind === 'failed') throw new EngineError(decision.failure);
        afterMs = decision.afterMs;
        recovering = true;
      }
    } catch (error) {
      const failure = failureOf(error);
      setState(failure.code === 'cancelled' ? { kind: 'stopped' } : { kind: 'failed', failure });
      throw error;
    } finally {
      if (current()) this.#start = null;
    }
  }

  async #load(
    signal: AbortSignal,
    onProgress: (progress: number) => void,
  ): Promise<{ readonly kind: 'loaded'; readonly worker: WorkerClient; readonly models: LoadResult } | { readonly kind: 'died'; readonly exit: string }> {
    const { source, launch } = this.options;
    const gone = deferred<void>();
    this.#lastGone = gone.promise;
    const ended = (): void => {
      source.ended();
      gone.resolve();
    };
    let params: LoadParams;
    let worker: WorkerClient;
    try {
      params = await source.prepare(signal);
      throwIfAborted(signal);
      worker = launched(() => launch((freeBytes) => source.localMemory(freeBytes)), params.model.path);
    } catch (error) {
      ended();
      throw error;
    }
    this.#worker = worker;
    this.#interruption = null;
    void worker.exited.then(ended);
    // Native code may be deep in a read: ending the process is the way to stop a load at once.
    const onAbort = (): void => worker.dispose();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return { kind: 'loaded', worker, models: await worker.load(params, onProgress, signal) };
    } catch (error) {
      worker.dispose();
      const exit = await worker.exited;
      if (this.#worker === worker) this.#worker = null;
      throwIfAborted(signal);
      if (EngineError.is(error, 'connectionLost')) return { kind: 'died', exit };
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #becomeReady(worker: WorkerClient, models: LoadResult): void {
    this.options.source.loaded(models);
    this.options.loaded?.(models);
    this.#setState({ kind: 'ready', worker, models });
    this.options.log.info(`worker ${worker.pid ?? '?'} is ready with ${models.chat?.name ?? models.completion?.name ?? 'no model'}`);
    void worker.exited.then((exit) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#setState(this.#crashed(exit));
    });
  }

  #crashed(exit: string): Extract<WorkerState, { kind: 'crashed' | 'failed' }> {
    if (this.#interruption !== null) {
      this.options.log.warn(`the worker was ended (${this.#interruption}); it is started again`);
      this.#interruption = null;
      this.#restarts++;
      return { kind: 'crashed', afterMs: 0 };
    }
    const decision = afterCrash(this.options.policy, this.#history, this.options.clock.now());
    this.#history = decision.history;
    if (decision.kind === 'restart') {
      this.#restarts++;
      this.options.log.warn(`the worker died (${exit}); it is started again`);
      return { kind: 'crashed', afterMs: decision.afterMs };
    }
    this.options.log.error(`the worker died (${exit}) and is given up after ${decision.restarts} restarts`);
    return { kind: 'failed', failure: { code: 'workerLost', restarts: decision.restarts, reason: exit } };
  }

  #setState(state: WorkerState): void {
    this.#state = state;
    this.#changed.fire();
  }
}

/** A system without memory or processes to give refuses at once. @throws EngineError `loadFailed` */
function launched(launch: () => WorkerClient, path: string): WorkerClient {
  try {
    return launch();
  } catch (error) {
    throw new EngineError({ code: 'loadFailed', path, reason: messageOf(error) }, { cause: error });
  }
}
