import type { ModelsClient } from '../engine/client/modelsClient.js';
import { type CommandContext, withEngine } from './commandContext.js';
import { networkOfEnvironment } from './environmentNetwork.js';

/** Connects while a command runs, hears the models, and fetches as the environment says if it does. */
export function withModels<T>(context: CommandContext, work: (models: ModelsClient) => Promise<T>): Promise<T> {
  return withEngine(context, null, async ({ models }) => {
    const network = await networkOfEnvironment(process.env);
    if (network !== null) await models.network(network);
    await models.watch(true);
    return work(models);
  });
}
