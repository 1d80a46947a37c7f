import type { KvType } from '../../protocol/engineTypes.js';
import { headLengths, isLatent, type Metadata } from './metadataFacts.js';

/** Elements that share a scale, and their bytes (`block_q8_0`, `block_q4_0` of ggml). */
const layouts: Readonly<Record<KvType, { readonly block: number; readonly bytes: number }>> = {
  f16: { block: 1, bytes: 2 },
  q8_0: { block: 32, bytes: 34 },
  q4_0: { block: 32, bytes: 18 },
};

/** The types from the best to the smallest. */
export const kvTypes: readonly KvType[] = ['f16', 'q8_0', 'q4_0'];

/** Bytes of a row of the cache with so many elements. */
export function cacheRowBytes(elements: number, kvType: KvType): number {
  const { block, bytes } = layouts[kvType];
  return (elements / block) * bytes;
}

/** Architectures for which llama.cpp v0.4.0 turns flash attention off (`llama_init_from_model`), or that have no plain KV cache. */
const withoutQuantizedCache: ReadonlySet<string> = new Set(['grok', 'deepseek4']);

/**
 * The types that llama.cpp accepts for a model. Quantized ones need flash attention, and heads of whole blocks
 * (`llama_init_from_model`); the attention of a model without keys has nothing to quantize.
 */
export function possibleKvTypes(metadata: Metadata): readonly KvType[] {
  const { key, value } = headLengths(metadata);
  const whole = (length: number, type: KvType): boolean => length > 0 && length % layouts[type].block === 0;
  if (withoutQuantizedCache.has(String(metadata.get('general.architecture')))) return ['f16'];
  return kvTypes.filter((type) => type === 'f16' || (whole(key, type) && whole(value, type)));
}

/** The type for a load that chooses nothing by itself, as on the pod: 16-bit floats where the type is open, or one that the model cannot have. */
export function plannedKvType(metadata: Metadata, asked: 'auto' | KvType): KvType {
  return asked !== 'auto' && possibleKvTypes(metadata).includes(asked) ? asked : 'f16';
}

/** The types that a load may take, the exactest first: `auto` takes any that is possible, and one that the model cannot have becomes `f16`. */
export function kvTypesFor(metadata: Metadata, asked: 'auto' | KvType): readonly KvType[] {
  return asked === 'auto' ? possibleKvTypes(metadata) : [plannedKvType(metadata, asked)];
}

/**
 * How a context of this cache is to be made: `true` and `false` as said to llama.cpp, `auto` where it looks whether the device has it.
 * Quantized values cannot be read without flash attention. For 16-bit ones the bindings' own rule stays: off where keys and values
 * differ in length, as with latent attention.
 */
export function flashAttention(metadata: Metadata, kvType: KvType): boolean | 'auto' {
  if (kvType !== 'f16') return true;
  const architecture = metadata.get('general.architecture');
  const { key, value } = headLengths(metadata);
  return architecture !== 'grok' && architecture !== 'gemma2' && key === value && !isLatent(metadata) ? 'auto' : false;
}
