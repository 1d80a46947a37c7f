import type { Failure } from '../base/errors.js';
import type { Event } from '../base/event.js';
import type { LoadParams, LoadResult } from '../protocol/workerMessages.js';

/**
 * What a supervisor asks before each start of a worker, and tells about it. The order for one process is `prepare`,
 * `localMemory` (with remote layers only), `progress`, `loaded`, `generating`, `ended`; whatever ends early skips to `ended`.
 */
export interface LoadSource {
  /** What to load. Rejects when there is nothing to load, which ends the open requests with its failure; soon when aborted. */
  prepare(signal: AbortSignal): Promise<LoadParams>;
  /** The worker says how many bytes are free on the GPU here; it goes on loading when this returns. */
  localMemory(freeBytes: number): void;
  /** From 0 to 1. */
  progress(progress: number): void;
  loaded(result: LoadResult): void;
  /** The first of its open answers begins, or the last has ended. */
  generating(on: boolean): void;
  /** The process is gone, and with it what it had open. Also after a `prepare` that led to no process. */
  ended(): void;
}

/** A load that is always the same. */
export function fixedLoad(load: LoadParams): LoadSource {
  const nothing = (): void => undefined;
  return { prepare: async () => load, localMemory: nothing, progress: nothing, loaded: nothing, generating: nothing, ended: nothing };
}

/** The pod as the runtime sees it: where the layers of a model go that several machines hold. */
export interface LayerPlacement {
  /** The model that is meant to run on the pod from now on, or `null`. Something new to try ends a fallback. */
  aim(load: LoadParams | null): void;
  /** For the worker of such a model: its plain load becomes one with remote layers. */
  source(load: LoadParams): LoadSource;
  /** Why the local model answers in its place; `null` while the pod can. */
  readonly fallback: Failure | null;
  /** `fallback` has changed. */
  readonly onFallback: Event<void>;
  /** A machine that holds layers is lost: the worker hangs or is about to abort, and must be killed. Says why. */
  readonly onLost: Event<string>;
  /** The worker could not be started: `fallback` says so from now on. */
  failed(failure: Failure): void;
  /** The user wants it tried again. */
  retry(): void;
}
