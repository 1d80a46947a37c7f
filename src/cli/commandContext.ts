import os from 'node:os';
import type { Readable } from 'node:stream';
import { throwIfAborted } from '../engine/base/async.js';
import type { LogSink } from '../engine/base/logger.js';
import { bundledFiles } from '../engine/client/bundledFiles.js';
import { connectEngine } from '../engine/client/connectEngine.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import type { EngineOptions } from '../engine/protocol/engineTypes.js';
import { engineOptions } from '../host/engineOptions.js';
import { validateSettings } from '../host/settingsValidation.js';
import type { Terminal } from './answerPrinter.js';
import { printNotice } from './printNotice.js';

/** What a command of the terminal works with. */
export interface CommandContext {
  readonly root: string;
  readonly terminal: Terminal;
  readonly input: Readable;
  readonly log: LogSink;
  /** Ctrl+C. */
  readonly signal: AbortSignal;
}

/** Connects while a command runs. What a window has configured stays, unless `options` are given. */
export async function withEngine<T>({ root, terminal: { info }, log, signal }: CommandContext, options: EngineOptions | null, work: (engine: EngineClient) => Promise<T>): Promise<T> {
  const engine = connectEngine({ root, clientName: 'cli', log, configure: options === null ? 'ifUnset' : 'always' });
  engine.onNotice((notice) => printNotice(info, notice));
  try {
    await engine.configure(options ?? defaultOptions(root));
    throwIfAborted(signal);
    return await work(engine);
  } finally {
    engine.dispose();
  }
}

/** What a window has whose settings say nothing. */
export function defaultOptions(root: string): EngineOptions {
  return engineOptions(validateSettings(() => undefined).settings, { bundledModel: bundledFiles(root).model, home: os.homedir() });
}
