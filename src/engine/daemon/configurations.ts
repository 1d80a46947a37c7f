/**
 * What the clients want, of the engine or of how models are fetched. The one that spoke last decides while it is connected; when it
 * leaves, the one before it does. When all have left, the last word stays, so that the next client that wishes the same finds the
 * models warm, and what is under way goes on.
 */
export interface Configurations<Client, Options> {
  readonly entries: readonly { readonly client: Client; readonly options: Options }[];
  /** In effect; `null` until somebody has said anything. */
  readonly effective: Options | null;
}

export const noConfigurations: Configurations<never, never> = { entries: [], effective: null };

export function withConfiguration<Client, Options>(present: Configurations<Client, Options>, client: Client, options: Options): Configurations<Client, Options> {
  return { entries: [...present.entries.filter((entry) => entry.client !== client), { client, options }], effective: options };
}

export function withoutClient<Client, Options>(present: Configurations<Client, Options>, client: Client): Configurations<Client, Options> {
  const entries = present.entries.filter((entry) => entry.client !== client);
  return { entries, effective: entries.at(-1)?.options ?? present.effective };
}
