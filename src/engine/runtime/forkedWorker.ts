import { type ChildProcess, fork } from 'node:child_process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection, NullLogger } from 'vscode-jsonrpc/node';
import { deferred } from '../base/async.js';
import type { Role } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { CheckedReader } from '../protocol/checkedReader.js';
import type { GenerationEvent, GenerationResult } from '../protocol/engineTypes.js';
import { call, callStreaming, listen, serve } from '../protocol/wire.js';
import {
  type LoadParams,
  type LoadResult,
  localMemoryRequest,
  workerChatRequest,
  workerCompleteRequest,
  workerCountersRequest,
  workerCountTokensRequest,
  type WorkerCounters,
  workerLoadRequest,
  workerLogNotification,
} from '../protocol/workerMessages.js';
import { StderrTail } from './stderrTail.js';
import type { GenerationRequest, WorkerClient, WorkerExit } from './workerClient.js';

/** Decode steps run in libuv's pool: one thread per role. With more, steps wander between cores and lose their caches (about 10 % slower). */
const decodeThreads = '2';

/** Starts the worker's entry file as a child process with an IPC channel. */
export function forkWorker(entry: string, localMemory: (freeBytes: number) => void, log: Logger): WorkerClient {
  return new ForkedWorker(entry, localMemory, log);
}

class ForkedWorker implements WorkerClient {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #exited = deferred<WorkerExit>();
  readonly #stderr = new StderrTail();
  #alive = true;

  constructor(entry: string, localMemory: (freeBytes: number) => void, private readonly log: Logger) {
    this.#child = fork(entry, [], { execArgv: [], env: { ...process.env, UV_THREADPOOL_SIZE: decodeThreads }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    this.#child.once('exit', (code, signal) => this.#end(signal ?? `code ${code}`));
    this.#child.once('error', (error) => this.#end(error.message));
    // A worker that closes its channel can no longer be reached: it must not live on with the model in memory.
    this.#child.once('disconnect', () => this.#child.kill('SIGKILL'));

    const dropped = (): void => this.log.warn('message of the worker dropped: it is not valid');
    const reader = new CheckedReader(new IPCMessageReader(this.#child), dropped);
    this.#connection = createMessageConnection(reader, new IPCMessageWriter(this.#child), NullLogger);
    listen(this.#connection, workerLogNotification, ({ level, source, message }) => this.log.child(source)[level](message), dropped);
    serve(this.#connection, localMemoryRequest, async ({ freeBytes }) => {
      localMemory(freeBytes);
      return null;
    });
    this.#connection.listen();
  }

  get pid(): number | null {
    return this.#alive ? (this.#child.pid ?? null) : null;
  }

  get exited(): Promise<WorkerExit> {
    return this.#exited.promise;
  }

  load(params: LoadParams, onProgress: (progress: number) => void, signal: AbortSignal): Promise<LoadResult> {
    return callStreaming(this.#connection, workerLoadRequest, params, ({ progress }) => onProgress(progress), signal);
  }

  generate(generation: GenerationRequest, resume: readonly number[], onEvent: (event: GenerationEvent) => void, signal: AbortSignal): Promise<GenerationResult> {
    return generation.role === 'chat'
      ? callStreaming(this.#connection, workerChatRequest, { request: generation.request, resume: [...resume] }, onEvent, signal)
      : callStreaming(this.#connection, workerCompleteRequest, { request: generation.request, resume: [...resume] }, onEvent, signal);
  }

  countTokens(role: Role, text: string, signal: AbortSignal): Promise<number> {
    return call(this.#connection, workerCountTokensRequest, { role, text }, signal);
  }

  counters(signal: AbortSignal): Promise<WorkerCounters> {
    return call(this.#connection, workerCountersRequest, null, signal);
  }

  dispose(): void {
    if (this.#alive) this.#child.kill('SIGKILL');
  }

  #end(how: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    const exit = this.#stderr.explain(how);
    this.log.debug(`worker process ${this.#child.pid ?? '?'} ended with ${how}; it last said: ${this.#stderr.text}`);
    this.#exited.resolve(exit);
    // One turn later, so that whoever waits for `exited` acts before the open calls reject.
    setImmediate(() => this.#connection.dispose());
  }
}
