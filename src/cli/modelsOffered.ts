import * as l10n from '@vscode/l10n';
import type { ModelsClient } from '../engine/client/modelsClient.js';
import type { IntendedUse } from '../engine/protocol/modelTypes.js';
import { parseModelSource } from '../engine/protocol/parseModelSource.js';
import type { TerminalStream } from './answerPrinter.js';
import { endpointOf } from './environmentNetwork.js';
import { type Found, findOffered, type OfferedFile, sourceName } from './modelName.js';
import { failureWords } from './words.js';

export interface LookingFor {
  /** Hears why there is none. */
  readonly info: TerminalStream;
  readonly signal: AbortSignal;
  readonly use: IntendedUse;
}

/** The file that a word means: one of the catalogue, or one elsewhere, which is looked at by its header. @throws EngineError */
export async function offered(models: ModelsClient, word: string, { info, signal, use }: LookingFor): Promise<OfferedFile | null> {
  const source = parseModelSource(word, endpointOf(process.env));
  if (source === null) return chosen(findOffered(await models.offers(use, signal), word), word, info);
  const offer = await models.inspect(source, use, signal);
  const [file, ...others] = offer.files;
  if (file === undefined) return null;
  const found: Found<OfferedFile> = others.length === 0 ? { kind: 'one', found: { offer, file } } : { kind: 'several', names: offer.files.map((one) => sourceName(one.source)) };
  return chosen(found, word, info);
}

/** Says on the terminal why a word does not mean one thing. */
export function chosen<T>(found: Found<T>, word: string, info: TerminalStream): T | null {
  if (found.kind === 'one') return found.found;
  if (found.kind === 'several') info.write(`${l10n.t('{0} can be one of several. Name one of them: {1}', word, found.names.join(', '))}\n`);
  else info.write(`${failureWords({ code: 'unknownModel', model: word })} ${l10n.t('A model elsewhere is named as owner/name/file.gguf, or by its address.')}\n`);
  return null;
}
