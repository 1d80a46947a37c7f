import type { Disposable } from '../base/disposable.js';
import type { Role } from '../base/errors.js';
import type { ChatRequest, CompletionRequest, GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import type { LoadParams, LoadResult, WorkerCounters } from '../protocol/workerMessages.js';

/** How a worker process ended, in words for the log and for `workerLost`. */
export type WorkerExit = string;

/** A request with its role, as the worker takes it. */
export type GenerationRequest =
  | { readonly role: 'completion'; readonly request: CompletionRequest }
  | { readonly role: 'chat'; readonly request: ChatRequest };

/**
 * A worker process as the supervisor sees it. Every call rejects with `connectionLost` when the process is gone.
 * Disposing kills it at once.
 */
export interface WorkerClient extends Disposable {
  readonly pid: number | null;
  /** Settles when the process has ended, before the open calls reject. */
  readonly exited: Promise<WorkerExit>;
  load(params: LoadParams, onProgress: (progress: number) => void, signal: AbortSignal): Promise<LoadResult>;
  /** Goes on after the tokens in `resume`, which an earlier process generated for the same request. */
  generate(generation: GenerationRequest, resume: readonly number[], onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult>;
  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number>;
  counters(signal: AbortSignal): Promise<WorkerCounters>;
}

/** Starts a process. `localMemory` hears how many bytes are free on the GPU here, before a load with remote layers. */
export type WorkerLauncher = (localMemory: (freeBytes: number) => void) => WorkerClient;
