import fs from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { type CommandContext, withEngine } from './commandContext.js';
import { findInstalled } from './modelName.js';
import { chosen } from './modelsOffered.js';

/**
 * The file that a word means: a file, else an installed model by what `seekpod models list` shows of it. `null` when it was said on the
 * terminal why there is none; a path that leads nowhere is told by whoever opens it. @throws EngineError
 */
export async function modelFile(context: CommandContext, word: string): Promise<string | null> {
  if (await isFile(word)) return path.resolve(word);
  return withEngine(context, null, async ({ models }) => {
    await models.watch(true);
    const installed = (models.status?.installed ?? []).filter(({ missing }) => !missing);
    const found = findInstalled(installed, word);
    if (found.kind !== 'none') return chosen(found, word, context.terminal.info)?.path ?? null;
    if (/[\\/]/.test(word)) return path.resolve(word);
    const names = installed.map((model) => path.basename(model.path)).join(', ');
    context.terminal.info.write(`${l10n.t('There is no file {0} here, and no installed model of that name. Installed are: {1}', word, names)}\n`);
    return null;
  });
}

export async function isFile(word: string): Promise<boolean> {
  return fs.stat(word).then(
    (stat) => stat.isFile(),
    () => false,
  );
}
