import type { EngineOptions } from '../protocol/engineTypes.js';

/**
 * What the clients want of the engine. The one that spoke last decides while it is connected; when it leaves, the one before it does.
 * When all have left, the last word stays, so that the next client that wishes the same finds the models warm.
 */
export interface Configurations<Client> {
  readonly entries: readonly { readonly client: Client; readonly options: EngineOptions }[];
  /** In effect; `null` until somebody has configured anything. */
  readonly effective: EngineOptions | null;
}

export const noConfigurations: Configurations<never> = { entries: [], effective: null };

export function withConfiguration<Client>(present: Configurations<Client>, client: Client, options: EngineOptions): Configurations<Client> {
  return { entries: [...present.entries.filter((entry) => entry.client !== client), { client, options }], effective: options };
}

export function withoutClient<Client>(present: Configurations<Client>, client: Client): Configurations<Client> {
  const entries = present.entries.filter((entry) => entry.client !== client);
  return { entries, effective: entries.at(-1)?.options ?? present.effective };
}
