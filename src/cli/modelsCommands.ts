import * as l10n from '@vscode/l10n';
import type { Command } from 'commander';
import type { CommandContext } from './commandContext.js';
import { importFiles, remove, verify } from './modelsFiles.js';
import { fit, list, type LookFlags } from './modelsLook.js';
import { pull, type PullFlags } from './modelsPull.js';
import { number } from './optionNumber.js';

/** Adds `seekpod models …`. `execute` runs a command with what it needs and reports its failure. */
export function addModelsCommands(program: Command, execute: (command: (context: CommandContext) => Promise<number>) => Promise<void>): void {
  const models = program.command('models').description(l10n.t('the models on this machine, and those to be had'));
  const tokens = number((value) => Number.isInteger(value) && value >= 1 && value <= 1_048_576, l10n.t('a whole number from 1'));
  const json = ['--json', l10n.t('as JSON')] as const;
  const context = ['--context <tokens>', l10n.t('size of the context'), tokens] as const;

  models
    .command('list')
    .description(l10n.t('say which models are here, which are on their way, and which fit this machine'))
    .option('--installed', l10n.t('only what is here'))
    .option(...context)
    .option(...json)
    .action((flags: LookFlags & { installed?: boolean }) => execute((running) => list(running, flags)));

  models
    .command('pull')
    .description(l10n.t('download a model and verify it; Ctrl+C keeps what has come'))
    .argument('<model>', l10n.t('model:quantization of the list, owner/name/file.gguf of Hugging Face, or an address'))
    .option('--accept-licence <id>', l10n.t('a licence that you have read and accept'))
    .option(...json)
    .action((model: string, flags: PullFlags) => execute((running) => pull(running, model, flags)));

  models
    .command('import')
    .description(l10n.t('take a GGUF file into the list, where it is'))
    .argument('<file.gguf...>')
    .option(...json)
    .action((files: string[], flags: { json?: boolean }) => execute((running) => importFiles(running, files, flags.json)));

  models
    .command('verify')
    .description(l10n.t('compare models with their checksums'))
    .argument('[model...]', l10n.t('name, id or file; all of them without one'))
    .option(...json)
    .action((words: string[], flags: { json?: boolean }) => execute((running) => verify(running, words, flags.json)));

  models
    .command('remove')
    .description(l10n.t('delete a downloaded model, forget an imported one, or end a download'))
    .argument('<model...>', l10n.t('name, id or file'))
    .action((words: string[]) => execute((running) => remove(running, words)));

  models
    .command('fit')
    .description(l10n.t('say whether a model can run here, what its memory is for, and how fast it would be'))
    .argument('<model>', l10n.t('a GGUF file, a model of the list, owner/name/file.gguf of Hugging Face, or an address'))
    .option(...context)
    .option(...json)
    .action((model: string, flags: LookFlags) => execute((running) => fit(running, model, flags)));
}
