import path from 'node:path';
import { systemClock } from '../../src/engine/base/clock.js';
import { EngineError, type FailureCode } from '../../src/engine/base/errors.js';
import type { LogRecord } from '../../src/engine/base/logger.js';
import { bundledFiles } from '../../src/engine/client/bundledFiles.js';
import { currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import { createEngineClient } from '../../src/engine/client/daemonEngineClient.js';
import { daemonLauncher } from '../../src/engine/client/daemonLauncher.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { EngineOptions, GenerationEvent, GenerationResult, ModelOptions, RoleOptions } from '../../src/engine/protocol/engineTypes.js';
import type { TestHome } from './leaks.js';
import { calf } from './workerProcess.js';

declare const __SEEKPOD_VERSION__: string;

export const fakeWorkerFile = path.resolve('test/support/fakeWorker.mjs');

/** The options of a model that `fakeWorker.mjs` plays. */
export function fakeModel(behaviour: string): ModelOptions {
  return { ...calf, path: `/fake/${behaviour}` };
}

/** The same model for both roles; the daemon ends soon after its last client. */
export function optionsFor(model: ModelOptions, change: Partial<EngineOptions> = {}): EngineOptions {
  const role: RoleOptions = { model, contextSize: 0, slots: 2 };
  return { completion: role, chat: role, pod: null, memoryBudgetBytes: 0, unloadAfterMs: 0, exitAfterMs: 100, ...change };
}

export interface TestClient {
  readonly client: EngineClient;
  readonly records: LogRecord[];
  /** How often a daemon process was started. */
  launches(): number;
}

export interface TestClientOptions {
  readonly daemon?: string;
  readonly worker?: string;
  readonly version?: string;
  /** Asked for at every start of a daemon. */
  readonly nodePath?: () => string;
  readonly configure?: 'always' | 'ifUnset';
}

/** A client of the test's own daemon, disposed when the test ends. */
export function openClient(home: TestHome, options: TestClientOptions = {}): TestClient {
  const paths = currentEnginePaths(home.env);
  const files = bundledFiles(path.resolve('.'));
  const launch = daemonLauncher({ paths, files: { ...files, daemon: options.daemon ?? files.daemon, worker: options.worker ?? files.worker }, nodePath: () => options.nodePath?.() ?? process.execPath, env: home.env });
  const records: LogRecord[] = [];
  let launches = 0;
  const client = createEngineClient({
    paths,
    launch: () => {
      launches++;
      return launch();
    },
    clientName: 'test',
    clientVersion: options.version ?? __SEEKPOD_VERSION__,
    log: { write: (record) => records.push(record) },
    clock: systemClock,
    configure: options.configure ?? 'always',
  });
  home.atEnd(() => client.dispose());
  return { client, records, launches: () => launches };
}

export interface Answer {
  readonly text: string;
  readonly events: readonly GenerationEvent[];
  readonly result: GenerationResult;
}

/** Asks and collects; `onEvent` sees each event when it comes. */
export async function chat(
  client: Pick<EngineClient, 'chat'>,
  question: string,
  { slot = 'test', maxTokens = 200, signal = new AbortController().signal, onEvent = () => undefined }: {
    slot?: string;
    maxTokens?: number;
    signal?: AbortSignal;
    onEvent?: (event: GenerationEvent, textSoFar: string) => void;
  } = {},
): Promise<Answer> {
  const events: GenerationEvent[] = [];
  let text = '';
  const sampling = { temperature: 0, topP: 1, topK: 0, minP: 0, repeatPenalty: 1, seed: null };
  const result = await client.chat(
    { slot, turns: [{ role: 'user', text: question }], maxTokens, sampling },
    (event) => {
      events.push(event);
      if (event.kind === 'text') text += event.text;
      onEvent(event, text);
    },
    signal,
  );
  return { text, events, result };
}

/** For `assert.rejects`. */
export function failsWith(code: FailureCode): (error: unknown) => boolean {
  return (error) => EngineError.is(error, code);
}

/** The process of the only worker of the daemon, or `null`. */
export async function workerPid(client: EngineClient): Promise<number | null> {
  const { workers } = await client.diagnostics();
  return workers.find(({ pid }) => pid !== null)?.pid ?? null;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a condition holds; mocha's limit ends a test in which it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
