import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { EngineError, messageOf } from '../engine/base/errors.js';
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
import { AnswerPrinter, dim } from './answerPrinter.js';
import type { CommandContext } from './commandContext.js';
import { type LoadFlags, loadSetting } from './loadFlags.js';
import { modelFile } from './modelFile.js';
import { machinesAnswered, podRole } from './podSession.js';
import { printNotice } from './printNotice.js';
import { ProgressLine } from './progressLine.js';

export interface AskOptions extends LoadFlags {
  /** A file, or what can be said of an installed model. */
  readonly model?: string;
  /** The same of a model that runs on the pod. */
  readonly pod?: string;
  readonly maxTokens?: number;
  readonly preset?: PresetName;
  readonly temperature?: number;
  readonly seed?: number;
  readonly file: readonly string[];
}

/** Asks the chat model one question and streams the answer. Answers the exit code. @throws EngineError */
export async function ask(context: CommandContext, question: string, options: AskOptions): Promise<number> {
  const { root, terminal, log, signal } = context;
  const named = options.model !== undefined || options.pod !== undefined;
  if (!named && (options.context !== undefined || options.kvType !== undefined)) {
    terminal.info.write(`${l10n.t('--context and --kv-type go with --model or --pod: another model is loaded as the window that uses it says.')}\n`);
    return 1;
  }
  const text = await withFiles(question, options.file);
  const model = options.model === undefined ? undefined : await modelFile(context, options.model);
  const podModel = options.pod === undefined ? undefined : await modelFile(context, options.pod);
  if (model === null || podModel === null) return 1;
  const { settings } = validateSettings((key) => settingOf(key, options, model));
  const request: ChatRequest = {
    slot: `cli-${randomUUID()}`,
    turns: [{ role: 'user', text }],
    maxTokens: options.maxTokens ?? settings.chat.maxTokens,
    sampling: chatSampling(settings, settings.model.chatPath),
  };
  const { model: bundledModel } = bundledFiles(root);
  const client = connectEngine({ root, clientName: 'cli', log, configure: named ? 'always' : 'ifUnset' });
  const progress = new ProgressLine(terminal.info);
  const printer = new AnswerPrinter(terminal.out, terminal.info);
  const notices: EngineNotice[] = [];
  client.onNotice((notice) => notices.push(notice));
  try {
    const local = engineOptions(settings, { bundledModel, home: os.homedir() });
    await client.configure(podModel === undefined ? local : { ...local, pod: podRole(podModel, options) });
    if (!(await isServed(currentEnginePaths().socket))) progress.show(l10n.t('Starting the engine…'));
    if (podModel === undefined) {
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
    return 0;
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
function settingOf(key: SettingKey, flags: AskOptions, model: string | undefined): unknown {
  const { preset, temperature, seed } = flags;
  switch (key) {
    case 'model.chatPath':
      return model;
    case 'chat.preset':
      return preset;
    case 'chat.temperature':
      return temperature;
    case 'chat.seed':
      return seed;
    default:
      return loadSetting(key, flags);
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
      throw new EngineError({ code: 'fileUnreadable', path: file, reason: messageOf(error) }, { cause: error });
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
