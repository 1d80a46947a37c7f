import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { EngineError } from '../engine/base/errors.js';
import type { LogSink } from '../engine/base/logger.js';
import { fencedText } from '../engine/chat/fencedText.js';
import { bundledFiles } from '../engine/client/bundledFiles.js';
import { connectEngine, currentEnginePaths } from '../engine/client/connectEngine.js';
import { isServed } from '../engine/client/socketConnector.js';
import type { ChatRequest, EngineNotice, EngineStatus, GenerationStats } from '../engine/protocol/engineTypes.js';
import { engineOptions } from '../host/engineOptions.js';
import { chatSampling } from '../host/modelOverrides.js';
import type { PresetName } from '../host/presets.js';
import type { SettingKey } from '../host/settingsTable.js';
import { validateSettings } from '../host/settingsValidation.js';
import { machinesAnswered, podRole } from './podSession.js';
import { AnswerPrinter, dim, type Terminal } from './answerPrinter.js';
import { printNotice } from './printNotice.js';
import { ProgressLine } from './progressLine.js';

export interface AskOptions {
  readonly model?: string;
  /** A model file that runs on the pod. */
  readonly pod?: string;
  readonly maxTokens?: number;
  readonly preset?: PresetName;
  readonly temperature?: number;
  readonly seed?: number;
  readonly file: readonly string[];
}

/** Asks the chat model one question and streams the answer. @throws EngineError */
export async function ask(root: string, question: string, options: AskOptions, terminal: Terminal, log: LogSink, signal: AbortSignal): Promise<void> {
  const { settings } = validateSettings((key) => settingOf(key, options));
  const request: ChatRequest = {
    slot: `cli-${randomUUID()}`,
    turns: [{ role: 'user', text: await withFiles(question, options.file) }],
    maxTokens: options.maxTokens ?? settings.chat.maxTokens,
    sampling: chatSampling(settings, settings.model.chatPath),
  };
  const { model: bundledModel } = bundledFiles(root);
  const client = connectEngine({ root, clientName: 'cli', log, configure: options.model === undefined && options.pod === undefined ? 'ifUnset' : 'always' });
  const progress = new ProgressLine(terminal.info);
  const printer = new AnswerPrinter(terminal.out, terminal.info);
  const notices: EngineNotice[] = [];
  client.onNotice((notice) => notices.push(notice));
  try {
    const local = engineOptions(settings, { bundledModel, home: os.homedir() });
    await client.configure(options.pod === undefined ? local : { ...local, pod: podRole(options.pod, undefined) });
    if (!(await isServed(currentEnginePaths().socket))) progress.show(l10n.t('Starting the engine…'));
    if (options.pod === undefined) {
      client.onStatus((status) => progress.state(status.chat));
    } else {
      await client.pod.watch(true);
      await machinesAnswered(client.pod, signal);
      client.pod.onStatus((status) => progress.pod(status));
      // Who names a model for the pod wants no answer of another one. One that was given up on is tried again.
      if (client.pod.status?.run.state === 'fallback') await client.unload('chat');
      await client.load('chat', signal);
    }
    const { stats } = await client.chat(
      request,
      (event) => {
        progress.end();
        printer.event(event);
      },
      signal,
    );
    printer.end();
    terminal.out.write(`\n${dim(summary(stats, client.status, bundledModel), terminal.out)}\n`);
  } finally {
    // Also after a failure the text so far stays, on lines of its own.
    progress.end();
    printer.end();
    // Not in the middle of the answer.
    for (const notice of notices) printNotice(terminal.info, notice);
    client.dispose();
  }
}

/** What the command says in place of a setting. */
function settingOf(key: SettingKey, { model, preset, temperature, seed }: AskOptions): unknown {
  switch (key) {
    case 'model.chatPath':
      return model === undefined ? undefined : path.resolve(model);
    case 'chat.preset':
      return preset;
    case 'chat.temperature':
      return temperature;
    case 'chat.seed':
      return seed;
    default:
      return undefined;
  }
}

/** The question after the files that it is about. */
async function withFiles(question: string, files: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const file of files) {
    let text: string;
    try {
      text = await fs.readFile(file, 'utf8');
    } catch (error) {
      throw new EngineError({ code: 'fileUnreadable', path: file, reason: error instanceof Error ? error.message : String(error) }, { cause: error });
    }
    parts.push(`${file}:\n${fencedText(text, '')}`);
  }
  return [...parts, question].join('\n\n');
}

/** `112 tokens · time to first token 80 ms · 95.3 tokens/s · calf`, with a word about what calf is. */
function summary(stats: GenerationStats, status: EngineStatus, bundledModel: string): string {
  const model = status.chat.state === 'ready' || status.chat.state === 'generating' ? status.chat.model : null;
  const figures = l10n.t(
    '{0} tokens · time to first token {1} ms · {2} tokens/s',
    stats.generatedTokens,
    Math.round(stats.timeToFirstTokenMs),
    stats.decodeTokensPerSecond.toFixed(1),
  );
  if (model === null) return figures;
  const demonstration = path.basename(model.path) === path.basename(bundledModel);
  return `${figures} · ${demonstration ? l10n.t('{0} (a small demonstration model, not an assistant)', model.name) : model.name}`;
}
