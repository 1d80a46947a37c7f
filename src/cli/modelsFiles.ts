import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { checksumText } from '../engine/protocol/modelText.js';
import type { InstalledModel } from '../engine/protocol/modelTypes.js';
import type { CommandContext } from './commandContext.js';
import { jsonText } from './jsonText.js';
import { findDownload, findInstalled } from './modelName.js';
import { chosen } from './modelsOffered.js';
import { installedText, warningsText } from './modelsReport.js';
import { withModels } from './modelsSession.js';
import { ProgressLine } from './progressLine.js';

/** Takes files into the list, where they are. @throws EngineError for the first that is no model */
export function importFiles(context: CommandContext, files: readonly string[], json: boolean | undefined): Promise<number> {
  return withModels(context, async (models) => {
    const { out, info } = context.terminal;
    const imported: InstalledModel[] = [];
    for (const file of files) {
      const model = await models.import(path.resolve(file), context.signal);
      imported.push(model);
      if (json !== true) out.write(`${l10n.t('Imported: {0}', installedText(model))}\n`);
      info.write(warningsText(model.traps));
    }
    if (json === true) out.write(jsonText(imported));
    return 0;
  });
}

/** Hashes models and compares; all of them when none is named. Answers 1 when one differs. @throws EngineError */
export function verify(context: CommandContext, words: readonly string[], json: boolean | undefined): Promise<number> {
  return withModels(context, async (models) => {
    const { out, info } = context.terminal;
    const installed = models.status?.installed ?? [];
    const wanted = words.length === 0 ? installed.filter(({ missing }) => !missing) : words.map((word) => chosen(findInstalled(installed, word), word, info));
    const verified: InstalledModel[] = [];
    for (const model of wanted) {
      if (model === null) continue;
      const progress = new ProgressLine(info);
      try {
        // Elsewhere than on a terminal every step would be a line.
        const show = (done: number): void => progress.show(info.isTTY === true ? l10n.t('{0}: {1} %', model.name, Math.floor(done * 100)) : model.name);
        verified.push(await models.verify(model.id, show, context.signal));
      } finally {
        progress.end();
      }
      const last = verified.at(-1);
      if (json !== true && last !== undefined) out.write(`${last.name} ${last.quantization}: ${checksumText(last.checksum)}\n`);
    }
    if (json === true) out.write(jsonText(verified));
    return wanted.includes(null) || verified.some(({ checksum }) => checksum === 'differs') ? 1 : 0;
  });
}

/** Deletes what was downloaded, takes an imported file out of the list, or ends a download and removes what has come of it. @throws EngineError */
export function remove(context: CommandContext, words: readonly string[]): Promise<number> {
  return withModels(context, async (models) => {
    const { out, info } = context.terminal;
    let code = 0;
    for (const word of words) {
      const { installed, downloads } = models.status ?? { installed: [], downloads: [] };
      const download = findDownload(downloads, word);
      const model = findInstalled(installed, word);
      if (model.kind === 'none' && download.kind === 'one') {
        await models.cancel(download.found.id);
        out.write(`${l10n.t('The download of {0} was ended, and what had come of it removed.', download.found.name)}\n`);
        continue;
      }
      const found = chosen(model, word, info);
      if (found === null) {
        code = 1;
        continue;
      }
      await models.remove(found.id);
      out.write(`${found.origin === 'imported' ? l10n.t('{0} is no longer in the list; the file stays: {1}', found.name, found.path) : l10n.t('Removed: {0}', found.path)}\n`);
    }
    return code;
  });
}
