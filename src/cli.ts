// The same engine from a terminal.
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { Command, Option } from 'commander';
import { failureOf, hasErrorCode, storageFailure } from './engine/base/errors.js';
import { logLevels, type LogSink } from './engine/base/logger.js';
import { presetNames } from './host/presets.js';
import type { Terminal } from './cli/answerPrinter.js';
import { ask, type AskOptions } from './cli/ask.js';
import type { CommandContext } from './cli/commandContext.js';
import { serve, status, stop } from './cli/daemonCommands.js';
import { addLoadFlags } from './cli/loadFlags.js';
import { addModelsCommands } from './cli/modelsCommands.js';
import { number } from './cli/optionNumber.js';
import { addPodCommands } from './cli/podCommands.js';
import { failureWords } from './cli/words.js';

declare const __SEEKPOD_VERSION__: string;

/** Exit code of a command that Ctrl+C ended: 128 + SIGINT. */
const interrupted = 130;

/** `dist/cli.cjs` lies one folder below the extension's root. */
const root = path.resolve(__dirname, '..');
const terminal: Terminal = { out: process.stdout, info: process.stderr };

const level = logLevels.find((name) => name === process.env['SEEKPOD_LOG_LEVEL']) ?? 'error';
const log: LogSink = {
  write: (record) => {
    if (logLevels.indexOf(record.level) >= logLevels.indexOf(level)) process.stderr.write(`${record.level} ${record.source}: ${record.message}\n`);
  },
};

// Progress that nobody sees any more is no reason to end.
process.stderr.on('error', () => undefined);
let outputFailed = false;
process.stdout.on('error', (error) => {
  // The reader of a pipe has seen enough, or the terminal has gone.
  if (outputFailed || hasErrorCode(error, 'EPIPE', 'EIO')) return;
  outputFailed = true;
  process.stderr.write(`${failureWords(storageFailure(l10n.t('the output'), error).failure)}\n`);
  // The command may be over already, or has been ended for it.
  process.once('exit', () => void (process.exitCode = 1));
});

/** Runs what Ctrl+C may end. */
async function interruptible(command: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.on('SIGINT', () => {
    // A second Ctrl+C does not wait.
    if (stopping.signal.aborted) process.exit(interrupted);
    stop();
  });
  process.on('SIGTERM', stop);
  // A terminal that is closed says so more than once: the system does, and the shell.
  process.on('SIGHUP', stop);
  process.stdout.on('error', stop);
  try {
    return await command(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return interrupted;
    throw error;
  }
}

async function run(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    process.stderr.write(`${failureWords(failureOf(error))}\n`);
    process.exitCode = 1;
  }
}

const execute = (command: (context: CommandContext) => Promise<number>): Promise<void> => run(() => interruptible((signal) => command({ root, terminal, input: process.stdin, log, signal })));

const program = new Command('seekpod').description(l10n.t('DeepSeek models on your own machines')).version(__SEEKPOD_VERSION__);

addLoadFlags(program.command('ask'))
  .description(l10n.t('ask the chat model a question'))
  .argument('<question...>')
  .option('--model <model>', l10n.t('GGUF file, or name, id or file of an installed model; otherwise the model that a window uses, or the bundled demonstration model'))
  .option('--pod <model>', l10n.t('GGUF file or installed model that is spread over the machines of the pod'))
  .option('--max-tokens <number>', l10n.t('longest answer in tokens'), number((value) => Number.isInteger(value) && value >= 1 && value <= 1_048_576, l10n.t('a whole number from 1')))
  .addOption(new Option('--preset <name>', l10n.t('how answers are chosen among what is likely')).choices(presetNames))
  .option('--temperature <number>', l10n.t('0 always takes the most likely token'), number((value) => value >= 0 && value <= 5, l10n.t('a number from 0 to 5')))
  .option('--seed <number>', l10n.t('the same seed gives the same answer'), number((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, l10n.t('a whole number from 0')))
  .option('--file <path>', l10n.t('a file that the question is about; may be repeated'), (file: string, files: string[]) => [...files, file], [])
  .action((words: string[], options: AskOptions) => execute((context) => ask(context, words.join(' '), options)));

program
  .command('serve')
  .description(l10n.t('run the engine in this terminal'))
  .action(() => run(() => serve(root)));

program
  .command('status')
  .description(l10n.t('say what the engine is doing'))
  .action(() => run(() => status(root, terminal, log)));

program
  .command('stop')
  .description(l10n.t('end the engine if nobody uses it'))
  .action(() => run(() => stop(root, terminal, log)));

addModelsCommands(program, execute);
addPodCommands(program, execute);

void program.parseAsync();
