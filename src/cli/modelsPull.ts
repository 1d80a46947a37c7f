import * as l10n from '@vscode/l10n';
import type { ModelsClient } from '../engine/client/modelsClient.js';
import { failureText } from '../engine/protocol/failureText.js';
import type { Licence, ModelOffer } from '../engine/protocol/modelTypes.js';
import type { CommandContext } from './commandContext.js';
import { jsonText } from './jsonText.js';
import { isYes, LineReader } from './lineReader.js';
import { sourceName } from './modelName.js';
import { offered } from './modelsOffered.js';
import { followDownload } from './modelsProgress.js';
import { fitText, installedText, warningsText } from './modelsReport.js';
import { withModels } from './modelsSession.js';

/** Exit code after Ctrl+C: 128 + SIGINT. */
const interrupted = 130;

export interface PullFlags {
  /** Id of a licence that the user has read and accepts. */
  readonly acceptLicence?: string;
  readonly json?: boolean;
}

/** Fetches a model and waits until it is verified and in its place. Ctrl+C keeps what has come. Answers the exit code. @throws EngineError */
export function pull(context: CommandContext, word: string, flags: PullFlags): Promise<number> {
  return withModels(context, async (models) => {
    const { out, info } = context.terminal;
    const wanted = await offered(models, word, { info, signal: context.signal, contextSize: 0 });
    if (wanted === null) return 1;
    const { offer, file } = wanted;
    const present = models.status?.installed.find(({ id, missing }) => id === file.installed && !missing);
    if (present !== undefined) {
      out.write(flags.json === true ? jsonText(present) : `${l10n.t('Already there: {0}', installedText(present))}\n`);
      return 0;
    }
    info.write(fitText({ ...offer, files: [file] }));
    if (!(await accepted(context, models, offer, flags.acceptLicence))) return 1;
    const id = await models.pull(file.source, offer.licence?.id ?? null, context.signal);
    const end = await followDownload(models, { id, source: file.source }, info, context.signal);
    switch (end.kind) {
      case 'installed':
        info.write(warningsText(end.model.traps.filter((trap) => !file.traps.includes(trap))));
        out.write(flags.json === true ? jsonText(end.model) : `${l10n.t('Here now: {0}', installedText(end.model))}\n`);
        return 0;
      case 'failed':
        info.write(`${failureText(end.failure)}\n`);
        return 1;
      case 'stopped':
        info.write(`${l10n.t('Paused; what has come is kept. It goes on with: seekpod models pull {0}', sourceName(file.source))}\n`);
        return context.signal.aborted ? interrupted : 1;
      case 'removed':
        info.write(`${l10n.t('The download was cancelled.')}\n`);
        return 1;
    }
  });
}

/** Whether the download may begin: a restricted licence is shown, and the user asked. */
async function accepted({ terminal: { info }, input, signal }: CommandContext, models: ModelsClient, { name, licence }: ModelOffer, acceptedId: string | undefined): Promise<boolean> {
  if (licence === null) return true;
  if (!licence.restricted || acceptedId === licence.id) {
    info.write(`${licenceLine(licence)}\n`);
    return true;
  }
  info.write(`\n${(await models.licenceText(licence.id)).trimEnd()}\n\n${licenceLine(licence)}\n${l10n.t('Do you accept it? [y/N]')} `);
  const lines = new LineReader(input);
  try {
    const line = await lines.next(signal);
    if (isYes(line)) return true;
    // Nobody has ended the line of the question.
    const where = line === null ? `\n${l10n.t('Without a terminal, the licence is accepted with --accept-licence {0}.', licence.id)} ` : '';
    info.write(`${where}${failureText({ code: 'licenceNotAccepted', model: name, licence: licence.name })}\n`);
    return false;
  } finally {
    lines.dispose();
  }
}

function licenceLine({ name, url }: Licence): string {
  return url === null ? l10n.t('Licence: {0}', name) : l10n.t('Licence: {0}, {1}', name, url);
}
