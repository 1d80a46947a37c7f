import { deferred, type Deferred, raceAbort } from '../base/async.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import type { LoadParams, LoadResult } from '../protocol/workerMessages.js';
import type { PodPlan } from './core/placement/placement.js';
import type { PodEvent } from './core/state/podEvent.js';
import type { PodState, Wish } from './core/state/podState.js';
import { here } from './core/placement/rangeCost.js';
import { gpuLayersOf, remoteParts } from './core/placement/split.js';
import { loadedSplit, splitOf } from './core/placement/splitCheck.js';
import type { Effect } from './podLoop.js';

/** What a runtime asks before each start of the pod's worker, and tells about it. */
export interface WorkerSource {
  prepare(signal: AbortSignal): Promise<LoadParams>;
  localMemory(freeBytes: number): void;
  progress(progress: number): void;
  loaded(result: LoadResult): void;
  generating(on: boolean): void;
  ended(): void;
}

export interface PodPlacementOptions {
  readonly log: Logger;
  /** Settles when the pod knows its identity, the paired machines, and what is free here. */
  ready(signal: AbortSignal): Promise<void>;
  readWish(load: LoadParams): Promise<Wish>;
  happened(event: PodEvent): void;
  state(): PodState;
  /** The tunnels of a plan. */
  readonly tunnels: { endpoints(plan: PodPlan): string[]; setMemory(plan: PodPlan, localFreeBytes: number): void };
  onChange(): void;
}

interface Aim {
  readonly load: LoadParams;
  readonly wish: Promise<Wish>;
  /** Why the model's file cannot be read. */
  failure: Failure | null;
}

/** What the user says about the GPU of this machine holds on the pod too. */
export function mayUseGpu({ gpu, gpuLayers }: LoadParams['model']): boolean {
  return gpu !== 'cpu' && gpuLayers !== 0;
}

/** The pod as the runtime sees it: each start of the worker waits here until leases and tunnels stand, or the pod gives up. */
export class PodPlacement implements Disposable {
  readonly #store = new DisposableStore();
  readonly #fallbackChanged = this.#store.add(new Emitter<void>());
  readonly #lost = this.#store.add(new Emitter<string>());
  #aim: Aim | null = null;
  #waiting: Deferred<LoadParams> | null = null;
  #fallback: Failure | null = null;
  #progress = 0;

  readonly onFallback: Event<void> = this.#fallbackChanged.event;
  readonly onLost: Event<string> = this.#lost.event;

  constructor(private readonly options: PodPlacementOptions) {}

  /** Why the local model answers; `null` while the pod can. */
  get fallback(): Failure | null {
    return this.#fallback;
  }

  /** The model that is meant to run on the pod. */
  get path(): string | null {
    return this.#aim?.load.model.path ?? null;
  }

  /** Whether it may have layers on a GPU here. */
  get usesGpu(): boolean {
    return this.#aim === null || mayUseGpu(this.#aim.load.model);
  }

  /** Why its file cannot be read. */
  get unreadable(): Failure | null {
    return this.#aim?.failure ?? null;
  }

  /** How far its load is, from 0 to 1. */
  get progress(): number {
    return this.#progress;
  }

  aim(load: LoadParams | null): void {
    // A start of the former model would wait for ever, or get the other one's plan.
    this.#waiting?.reject(new EngineError({ code: 'cancelled' }));
    if (load === null) {
      this.#aim = null;
      this.options.happened({ kind: 'wished', wish: null });
      return;
    }
    const aim: Aim = { load, wish: this.options.readWish(load), failure: null };
    this.#aim = aim;
    aim.wish.then(
      (wish) => {
        if (this.#aim === aim) this.options.happened({ kind: 'wished', wish });
      },
      (error: unknown) => {
        aim.failure = failureOf(error);
        this.options.onChange();
      },
    );
  }

  source(load: LoadParams): WorkerSource {
    return {
      prepare: (signal) => this.#prepare(load, signal),
      localMemory: (freeBytes) => this.#withPlan((plan) => this.options.tunnels.setMemory(plan, freeBytes)),
      progress: (progress) => {
        this.#progress = progress;
        this.options.onChange();
      },
      loaded: (result) => this.#loaded(result),
      generating: (on) => this.options.happened({ kind: 'generating', on }),
      ended: () => this.options.happened({ kind: 'workerEnded' }),
    };
  }

  /** The worker could not be started although the pod could serve it. */
  failed(failure: Failure): void {
    this.options.happened({ kind: 'begun', step: { kind: 'fallBack', failure } });
  }

  /** Something may be different now. */
  retry(): void {
    const { wish, fallback } = this.options.state();
    if (fallback !== null) this.options.happened({ kind: 'wished', wish });
    if (this.#aim !== null && this.#aim.failure !== null) this.aim(this.#aim.load);
  }

  /** Carries out a step about the worker. */
  perform(step: Extract<Effect, { kind: 'load' | 'fallBack' | 'drain' | 'stopWorker' }>, state: PodState): void {
    switch (step.kind) {
      case 'load':
        this.#progress = 0;
        this.#load();
        return;
      case 'fallBack':
        this.follow(state);
        this.#waiting?.reject(new EngineError(step.failure));
        return;
      case 'stopWorker':
        // A worker whose model is not wanted any more is ended by the runtime itself.
        if (state.current?.over === 'lost') this.#lost.fire(state.lost === null ? 'a machine was lost' : `${state.lost.name}: ${state.lost.reason}`);
        return;
      case 'drain':
    }
  }

  /** Tells the runtime when the state has another opinion on who answers. */
  follow(state: PodState): void {
    if (state.fallback === this.#fallback) return;
    this.#fallback = state.fallback;
    this.#fallbackChanged.fire();
  }

  dispose(): void {
    this.#waiting?.reject(new EngineError({ code: 'cancelled' }));
    this.#store.dispose();
  }

  async #prepare(load: LoadParams, signal: AbortSignal): Promise<LoadParams> {
    const aim = this.#aim;
    // A former model's last answer lost its machine, and the pod is for another model now.
    if (aim === null || aim.load !== load) throw new EngineError({ code: 'podLost', machine: this.options.state().lost?.name ?? '', reason: 'another model was chosen' });
    await raceAbort(Promise.all([this.options.ready(signal), aim.wish]), signal);
    const waiting = deferred<LoadParams>();
    this.#waiting = waiting;
    waiting.promise.catch(() => undefined);
    try {
      this.options.happened({ kind: 'workerWaiting' });
      return await raceAbort(waiting.promise, signal);
    } finally {
      if (this.#waiting === waiting) this.#waiting = null;
    }
  }

  #load(): void {
    const { tunnels } = this.options;
    const aim = this.#aim;
    this.#withPlan((plan) => {
      try {
        if (aim === null) throw new EngineError({ code: 'cancelled' });
        if (remoteParts(plan).length === 0) {
          this.#waiting?.resolve(aim.load);
          return;
        }
        // With a part on a GPU here, the worker says first what is free there.
        if (!plan.parts.some(({ id, device }) => id === here && device === 'gpu')) tunnels.setMemory(plan, 0);
        this.#waiting?.resolve({ ...aim.load, remote: { endpoints: tunnels.endpoints(plan), gpuLayers: gpuLayersOf(plan) } });
      } catch (error) {
        this.#waiting?.reject(error);
      }
    });
  }

  #loaded({ layerDevices }: LoadResult): void {
    this.#withPlan((plan) => {
      if (layerDevices === null) return;
      const [planned, loaded] = [splitOf(plan), loadedSplit(layerDevices)];
      this.options.log[planned === loaded ? 'info' : 'warn'](`layers lie on ${loaded}${planned === loaded ? ', as planned' : `, and not as planned on ${planned}`}`);
    });
    this.options.happened({ kind: 'workerLoaded' });
  }

  #withPlan(work: (plan: PodPlan) => void): void {
    const { current } = this.options.state();
    if (current !== null) work(current.plan);
  }
}
