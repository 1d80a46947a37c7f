import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import type { LogRecord } from '../../src/engine/base/logger.js';
import type { ChatRequest, CompletionRequest, GenerationEvent, GenerationResult, ModelOptions, Sampling } from '../../src/engine/protocol/engineTypes.js';
import { call, callStreaming, listen, serve } from '../../src/engine/protocol/wire.js';
import {
  type LoadParams,
  type LoadResult,
  localMemoryRequest,
  workerChatRequest,
  workerCompleteRequest,
  type WorkerCounters,
  workerCountersRequest,
  workerCountTokensRequest,
  workerLoadRequest,
  workerLogNotification,
} from '../../src/engine/protocol/workerMessages.js';

export const workerFile = path.resolve('dist/worker.mjs');
export const calfFile = path.resolve('models/calf-q8_0.gguf');
export const calf: ModelOptions = { path: calfFile, gpu: 'cpu', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] };
export const greedy: Sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: null };

/** What a generation said: the text of its events, their tokens, the events and the result. */
export interface Generation {
  readonly text: string;
  readonly tokens: readonly number[];
  readonly events: readonly GenerationEvent[];
  readonly result: GenerationResult;
}

interface Ask {
  readonly resume?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: GenerationEvent) => void;
}

const open = new Set<WorkerProcess>();

/** The workers that a suite has not stopped. */
export function openWorkers(): readonly number[] {
  return [...open].map((worker) => worker.pid);
}

/** A real worker, forked as the daemon does it, with the daemon's end of the wire. */
export class WorkerProcess {
  readonly logs: LogRecord[] = [];
  /** What the worker said about free memory on the GPU here. */
  readonly localMemory: number[] = [];

  private constructor(readonly child: ChildProcess, readonly connection: MessageConnection) {
    listen(connection, workerLogNotification, (record) => this.logs.push(record), (failure) => this.logs.push({ level: 'error', source: 'test', message: failure.code }));
    serve(connection, localMemoryRequest, async ({ freeBytes }) => {
      this.localMemory.push(freeBytes);
      return null;
    });
    // vscode-jsonrpc leaves open requests unsettled when the other end goes; disposing settles them.
    child.once('exit', () => connection.dispose());
    connection.listen();
    open.add(this);
  }

  static fork(entry = workerFile): WorkerProcess {
    const child = fork(entry, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    return new WorkerProcess(child, createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child)));
  }

  /** A worker with calf loaded for both roles. */
  static async withCalf(options: Partial<LoadParams> = {}): Promise<WorkerProcess> {
    const worker = WorkerProcess.fork();
    await worker.load({ model: calf, completion: { contextSize: 0, slots: 2 }, chat: { contextSize: 0, slots: 2 }, remote: null, ...options });
    return worker;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  load(params: LoadParams, onProgress: (progress: number) => void = () => undefined, signal?: AbortSignal): Promise<LoadResult> {
    return callStreaming(this.connection, workerLoadRequest, params, ({ progress }) => onProgress(progress), signal);
  }

  complete(request: Partial<CompletionRequest> & Pick<CompletionRequest, 'prompt'>, ask: Ask = {}): Promise<Generation> {
    const whole = { slot: 'test', maxTokens: 64, sampling: greedy, ...request };
    return collect((onEvent) => callStreaming(this.connection, workerCompleteRequest, { request: whole, resume: [...(ask.resume ?? [])] }, onEvent, ask.signal), ask);
  }

  chat(request: Partial<ChatRequest> & Pick<ChatRequest, 'turns'>, ask: Ask = {}): Promise<Generation> {
    const whole = { slot: 'test', maxTokens: 256, sampling: greedy, ...request };
    return collect((onEvent) => callStreaming(this.connection, workerChatRequest, { request: whole, resume: [...(ask.resume ?? [])] }, onEvent, ask.signal), ask);
  }

  countTokens(text: string): Promise<number> {
    return call(this.connection, workerCountTokensRequest, { role: 'completion', text });
  }

  counters(): Promise<WorkerCounters> {
    return call(this.connection, workerCountersRequest, null);
  }

  /** Closes the channel, as a daemon that ends does, and waits until the process is gone. */
  async stop(): Promise<void> {
    const gone = this.child.exitCode !== null || this.child.signalCode !== null ? Promise.resolve() : once(this.child, 'exit');
    this.connection.dispose();
    if (this.child.connected) this.child.disconnect();
    await gone;
    open.delete(this);
  }
}

async function collect(ask: (onEvent: (event: GenerationEvent) => void) => Promise<GenerationResult>, { onEvent }: Ask): Promise<Generation> {
  const events: GenerationEvent[] = [];
  const result = await ask((event) => {
    events.push(event);
    onEvent?.(event);
  });
  const texts = events.filter((event) => event.kind === 'text');
  return { text: texts.map((event) => event.text).join(''), tokens: texts.flatMap((event) => event.tokens), events, result };
}
