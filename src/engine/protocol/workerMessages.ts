import * as v from 'valibot';
import type { LogRecord } from '../base/logger.js';
import { logLevels } from '../base/logger.js';
import type { Role } from '../base/errors.js';
import { roleSchema } from './failureSchema.js';
import {
  type ChatRequest,
  chatRequestSchema,
  type CompletionRequest,
  completionRequestSchema,
  type GenerationEvent,
  generationEventSchema,
  type GenerationResult,
  generationResultSchema,
  type ModelInfo,
  modelInfoSchema,
  type ModelOptions,
  modelOptionsSchema,
} from './engineTypes.js';
import type { Notification, Request, StreamingRequest } from './wire.js';

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const nothing = v.null();

/** Tokens that an earlier worker already produced for the same request; the new one goes on after them. */
const resume = v.array(wholeNumber);
/** Generated tokens to continue after; empty for a new request. */
export type ResumeTokens = readonly number[];

/** Layers on other machines, as the worker sees them: ggml RPC servers on loopback, which are the near ends of tunnels. */
const remoteLayers = v.object({
  /** `127.0.0.1:port`, in the order in which their layers follow each other. */
  endpoints: v.pipe(v.array(v.pipe(v.string(), v.regex(/^127\.0\.0\.1:\d{1,5}$/))), v.minLength(1), v.maxLength(16)),
  /** For llama.cpp: layers on devices, remote ones and a GPU here, the output layer included; the first ones stay on the processor here. */
  gpuLayers: wholeNumber,
});
export type RemoteLayers = v.InferOutput<typeof remoteLayers>;

const context = v.object({ contextSize: wholeNumber, slots: v.pipe(wholeNumber, v.minValue(1)) });
const loadParams = v.object({
  model: modelOptionsSchema,
  /** A context for each role that this worker serves. */
  completion: v.nullable(context),
  chat: v.nullable(context),
  remote: v.nullable(remoteLayers),
  memoryBudgetBytes: v.exactOptional(wholeNumber),
});
export interface LoadParams {
  model: ModelOptions;
  completion: { contextSize: number; slots: number } | null;
  chat: { contextSize: number; slots: number } | null;
  /** `null` keeps all layers here. */
  remote: RemoteLayers | null;
  /** What it may take here at most, in bytes: the user's budget without what other models have. Absent where there is none. */
  memoryBudgetBytes?: number;
}
const loadEvent = v.object({ progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) });
const loadResult = v.object({
  completion: v.nullable(modelInfoSchema),
  chat: v.nullable(modelInfoSchema),
  layerDevices: v.nullable(v.pipe(v.array(v.pipe(v.string(), v.maxLength(256))), v.maxLength(10_000))),
  reduced: v.boolean(),
  wrongRole: v.nullable(roleSchema),
});
export interface LoadResult {
  completion: ModelInfo | null;
  chat: ModelInfo | null;
  /** Where llama.cpp says that it put each layer (`CPU`, `RPC0`, …), the output layer last; `null` without remote layers. */
  layerDevices: string[] | null;
  /** With more memory it would have a larger context or an exacter KV cache. */
  reduced: boolean;
  /** A role that was asked for beside another and that the model is not for: it has no context. */
  wrongRole: Role | null;
}

/** daemon → worker: the first message, once. Cancellable. */
export const workerLoadRequest: StreamingRequest<LoadParams, { progress: number }, LoadResult> = {
  method: 'worker/load',
  params: loadParams,
  event: loadEvent,
  result: loadResult,
};

/** daemon → worker */
export const workerCompleteRequest: StreamingRequest<{ request: CompletionRequest; resume: number[] }, GenerationEvent, GenerationResult> = {
  method: 'worker/complete',
  params: v.object({ request: completionRequestSchema, resume }),
  event: generationEventSchema,
  result: generationResultSchema,
};

/** daemon → worker */
export const workerChatRequest: StreamingRequest<{ request: ChatRequest; resume: number[] }, GenerationEvent, GenerationResult> = {
  method: 'worker/chat',
  params: v.object({ request: chatRequestSchema, resume }),
  event: generationEventSchema,
  result: generationResultSchema,
};

/** daemon → worker */
export const workerCountTokensRequest: Request<{ role: Role; text: string }, number> = {
  method: 'worker/countTokens',
  params: v.object({ role: roleSchema, text: v.string() }),
  result: wholeNumber,
};

const counters = v.object({
  /** Calls of llama.cpp's decode, for prompts and for generated tokens. */
  decodeSteps: wholeNumber,
  /** Tokens that went through the model, prompts and generated. */
  evaluatedTokens: wholeNumber,
  rssBytes: wholeNumber,
});
export type WorkerCounters = v.InferOutput<typeof counters>;
/** daemon → worker: running totals since the load; the tests and the benchmarks count with them. */
export const workerCountersRequest: Request<null, WorkerCounters> = { method: 'worker/counters', params: nothing, result: counters };

/** worker → daemon */
export const workerLogNotification: Notification<LogRecord> = {
  method: 'worker/log',
  params: v.object({ level: v.picklist(logLevels), source: v.string(), message: v.string() }),
};

/**
 * worker → daemon, before a load with remote layers reads how much memory the devices have: what is free on the GPU here, in bytes;
 * 0 without one. llama.cpp splits layers by free memory, so the daemon needs it for the answers that give the planned split.
 */
export const localMemoryRequest: Request<{ freeBytes: number }, null> = { method: 'worker/localMemory', params: v.object({ freeBytes: wholeNumber }), result: nothing };
