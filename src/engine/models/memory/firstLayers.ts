import type { EstimateHeader } from './networkShape.js';

/**
 * The part of a model that stays on the processor when `count` first layers do and the rest is elsewhere: what `estimateMemory` takes.
 * llama.cpp keeps the token embeddings there in any case.
 */
export function firstLayers(headers: readonly EstimateHeader[], count: number): readonly EstimateHeader[] {
  const architecture = String(headers[0]?.metadata.get('general.architecture'));
  const stays = (name: string): boolean => name.startsWith('token_embd.') || Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? Infinity) < count;
  return headers.map(({ metadata, tensors }) => ({
    metadata: new Map([...metadata, [`${architecture}.block_count`, count]]),
    tensors: tensors.filter(({ name }) => stays(name)),
  }));
}
