import type { GgufValue } from '../gguf/ggufHeader.js';

/** The keys and values of a GGUF file. */
export type Metadata = ReadonlyMap<string, GgufValue>;

/** A key of the model's own architecture, for instance `deepseek2.block_count`. */
export function fact(metadata: Metadata, name: string): GgufValue | undefined {
  return metadata.get(`${String(metadata.get('general.architecture'))}.${name}`);
}

/** A fact that is a positive number; 0 when it is not there or is none. */
export function number(metadata: Metadata, name: string): number {
  const value = fact(metadata, name);
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

/** A fact that is one number for all layers or an array with one per layer. */
export function perLayer(metadata: Metadata, name: string, layer: number): number {
  const value = fact(metadata, name);
  if (typeof value !== 'object') return number(metadata, name);
  const item = value.numbers?.[layer] ?? 0;
  return Number.isFinite(item) && item > 0 ? item : 0;
}

/** Elements of a key and of a value of one head. With multi-head latent attention the latent vector is both. */
export function headLengths(metadata: Metadata): { readonly key: number; readonly value: number } {
  const heads = perLayer(metadata, 'attention.head_count', 0);
  const headSize = heads > 0 ? number(metadata, 'embedding_length') / heads : 0;
  return { key: number(metadata, 'attention.key_length') || headSize, value: number(metadata, 'attention.value_length') || headSize };
}

/** Whether the file is made for multi-head latent attention (`hparams.is_mla()` of llama.cpp). */
export function isLatent(metadata: Metadata): boolean {
  return number(metadata, 'attention.key_length_mla') > 0;
}

/** A number of a file, or one made of such, as a count that can be told: whole, and not beyond what a number holds exactly; the most where it is none. */
export function asCount(value: number): number {
  return Number.isNaN(value) ? Number.MAX_SAFE_INTEGER : Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER);
}
