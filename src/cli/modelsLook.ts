import path from 'node:path';
import type { ModelsClient } from '../engine/client/modelsClient.js';
import type { IntendedUse, ModelOffer } from '../engine/protocol/modelTypes.js';
import type { CommandContext } from './commandContext.js';
import { jsonText } from './jsonText.js';
import { isFile } from './modelFile.js';
import { filesCalled, findInstalled } from './modelName.js';
import { offered } from './modelsOffered.js';
import { fitText, listText } from './modelsReport.js';
import { withModels } from './modelsSession.js';

export interface LookFlags {
  /** Tokens. */
  readonly context?: number;
  readonly json?: boolean;
}

/** What is here, on its way and, unless only what is here is wanted, to be had. @throws EngineError */
export function list(context: CommandContext, { installed, context: contextSize = 0, json }: LookFlags & { readonly installed?: boolean }): Promise<number> {
  return withModels(context, async (models) => {
    const offers = installed === true ? null : await models.offers({ role: null, contextSize }, context.signal);
    const { status } = models;
    if (status === null) return 1;
    context.terminal.out.write(json === true ? jsonText(offers === null ? status : { ...status, offers }) : listText(status, offers));
    return 0;
  });
}

/** Whether a file on this machine, an installed model, one of the catalogue or one elsewhere can run here. Answers 1 when none of its files can. @throws EngineError */
export function fit(context: CommandContext, word: string, { context: contextSize = 0, json }: LookFlags): Promise<number> {
  return withModels(context, async (models) => {
    const offer = await lookAt(models, word, { role: null, contextSize }, context);
    if (offer === null) return 1;
    context.terminal.out.write(json === true ? jsonText(offer) : fitText(offer));
    return offer.unsupported === null && offer.files.some(({ fit }) => fit.verdict !== 'tooLarge') ? 0 : 1;
  });
}

async function lookAt(models: ModelsClient, word: string, use: IntendedUse, { terminal: { info }, signal }: CommandContext): Promise<ModelOffer | null> {
  const known = findInstalled(models.status?.installed ?? [], word);
  const file = (await isFile(word)) ? path.resolve(word) : known.kind === 'one' ? known.found.path : null;
  if (file !== null) return models.fit(file, use, signal);
  const called = filesCalled(await models.offers(use, signal), word);
  const [first] = called;
  if (first !== undefined) return { ...first.offer, files: called.map((one) => one.file) };
  const one = await offered(models, word, { info, signal, use });
  return one === null ? null : { ...one.offer, files: [one.file] };
}
