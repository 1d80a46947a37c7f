/**
 * How many tokens a prompt may have, so that room is left for the answer: what was asked for, but at most a quarter
 * of the context. One position stays free because the last generated token is not evaluated.
 */
export function promptLimit(contextSize: number, maxTokens: number): number {
  return contextSize - 1 - Math.min(maxTokens, Math.floor(contextSize / 4));
}

/**
 * How many tokens to leave out when `over` are too many: whole blocks. With the bare number the start of the prompt
 * would move with every keystroke and nothing in the KV cache would be valid; with blocks it moves once per block.
 */
export function coarse(over: number, block: number): number {
  return over <= 0 ? 0 : Math.ceil(over / block) * block;
}

const mostCharactersPerToken = 16;
const usualCharactersPerToken = 4;

/**
 * More characters than that many tokens of any real text have. What is longer is cut or refused before it is tokenized, which
 * takes the worker's only thread half a second per million characters: all other streams would wait for it.
 */
export function mostCharacters(tokens: number): number {
  return tokens * mostCharactersPerToken;
}

/** About how many tokens a text has that is too long to be tokenized. */
export function roughTokens(characters: number): number {
  return Math.ceil(characters / usualCharactersPerToken);
}
