import type { GgufValue } from './ggufHeader.js';

/** The text of the token before the prefix in the vocabularies that llama.cpp v0.4.0 knows (`llama_vocab::impl::load`). */
const prefixTexts: readonly string[] = ['<|fim_prefix|>', '<fim-prefix>', '<fim_prefix>', '<｜fim▁begin｜>', '<PRE>', '▁<PRE>', '<|code_prefix|>', '<|prefix|>'];
/** The keys that name it by its number. */
const prefixKeys: readonly string[] = ['tokenizer.ggml.fim_pre_token_id', 'tokenizer.ggml.prefix_token_id'];

/** Whether a model's vocabulary can fill in the middle. */
export function hasFimTokens(metadata: ReadonlyMap<string, GgufValue>): boolean {
  if (prefixKeys.some((key) => typeof metadata.get(key) === 'number')) return true;
  const tokens = metadata.get('tokenizer.ggml.tokens');
  return typeof tokens === 'object' && prefixTexts.some((text) => tokens.marks?.has(text) === true);
}
