import type { GgufHeader, GgufValue } from '../../src/engine/models/gguf/ggufHeader.js';

/** A vocabulary of so many tokens with some that stand for something. */
export const vocabulary = (length: number, ...marks: readonly string[]): GgufValue => ({ length, numbers: null, marks: new Set(marks) });

/** The header of a model in one file, without weights. */
export function headersOf(metadata: Readonly<Record<string, GgufValue>>, tensors: GgufHeader['tensors'] = []): readonly GgufHeader[] {
  return [{ version: 3, metadata: new Map(Object.entries(metadata)), types: new Map(), tensors, dataOffset: 0, endOffset: 0 }];
}

/** What the header of Coder 6.7B says: 512 KiB per token in 16 bits, trained for 16,384 tokens. */
export const coderMetadata: ReadonlyMap<string, string | number> = new Map<string, string | number>([
  ['general.architecture', 'llama'],
  ['llama.block_count', 32],
  ['llama.context_length', 16_384],
  ['llama.embedding_length', 4_096],
  ['llama.feed_forward_length', 11_008],
  ['llama.attention.head_count', 32],
  ['llama.attention.head_count_kv', 32],
]);
