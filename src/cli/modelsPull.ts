import * as l10n from '@vscode/l10n';
import { assertNever } from '../engine/base/errors.js';
import type { ModelsClient } from '../engine/client/modelsClient.js';
import type { InstalledModel, Licence, ModelOffer, ModelSource, Trap } from '../engine/protocol/modelTypes.js';
import type { CommandContext } from './commandContext.js';
import { jsonText } from './jsonText.js';
import { isYes, LineReader } from './lineReader.js';
import { findDownload, sourceName } from './modelName.js';
import { offered } from './modelsOffered.js';
import { followDownload } from './modelsProgress.js';
import { fitText, installedText, warningsText } from './modelsReport.js';
import { withModels } from './modelsSession.js';
import { failureWords } from './words.js';

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
    const print = (model: InstalledModel, words: string): void => void out.write(flags.json === true ? jsonText(model) : `${words}\n`);
    const begun = underWay(models, word) ?? (await begin(context, models, word, flags.acceptLicence));
    if (begun === null) return 1;
    if (begun.kind === 'there') {
      print(begun.model, l10n.t('Already there: {0}', installedText(begun.model)));
      return 0;
    }
    const end = await followDownload(models, begun, info, context.signal);
    switch (end.kind) {
      case 'installed':
        info.write(warningsText(end.model.traps.filter((trap) => !begun.traps.includes(trap))));
        print(end.model, l10n.t('Here now: {0}', installedText(end.model)));
        return 0;
      case 'failed':
        info.write(`${failureWords(end.failure)}\n`);
        return 1;
      case 'stopped':
        info.write(`${l10n.t('Paused; what has come is kept. It goes on with: seekpod models pull {0}', sourceName(begun.source))}\n`);
        return context.signal.aborted ? interrupted : 1;
      case 'removed':
        info.write(`${l10n.t('The download was cancelled.')}\n`);
        return 1;
      default:
        return assertNever(end);
    }
  });
}

/** A model that is there, or a download and the traps that the user has been told of. */
type Begun = { readonly kind: 'there'; readonly model: InstalledModel } | { readonly kind: 'download'; readonly id: string; readonly source: ModelSource; readonly traps: readonly Trap[] };

/** A download that was begun before: it goes on without a look at the server, which may be away. */
function underWay({ status }: ModelsClient, word: string): Begun | null {
  const found = findDownload(status?.downloads ?? [], word);
  return found.kind === 'one' ? { kind: 'download', id: found.found.id, source: found.found.source, traps: [] } : null;
}

/** Looks at what is wanted, says what it is, and begins to download it. `null` when it was said why not. */
async function begin(context: CommandContext, models: ModelsClient, word: string, acceptedLicence: string | undefined): Promise<Begun | null> {
  const { terminal: { info }, signal } = context;
  const wanted = await offered(models, word, { info, signal, use: { role: null, contextSize: 0 } });
  if (wanted === null) return null;
  const { offer, file } = wanted;
  const model = models.status?.installed.find(({ id, missing }) => id === file.installed && !missing);
  if (model !== undefined) return { kind: 'there', model };
  info.write(fitText({ ...offer, files: [file] }));
  if (!(await accepted(context, models, offer, acceptedLicence))) return null;
  const id = await models.pull(file.source, offer.licence?.id ?? null, signal);
  return { kind: 'download', id, source: file.source, traps: file.traps };
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
    info.write(`${where}${failureWords({ code: 'licenceNotAccepted', model: name, licence: licence.name })}\n`);
    return false;
  } finally {
    lines.dispose();
  }
}

function licenceLine({ name, url }: Licence): string {
  return url === null ? l10n.t('Licence: {0}', name) : l10n.t('Licence: {0}, {1}', name, url);
}
