import type { KvType } from '../../protocol/engineTypes.js';
import { computeGraph } from './computeGraph.js';
import { graphBytes } from './graphAllocator.js';
import { cacheRowBytes, flashAttention } from './kvTypes.js';
import { asCount, fact, headLengths, isLatent, type Metadata, number, perLayer } from './metadataFacts.js';
import { type EstimateHeader, type NetworkShape, networkShape } from './networkShape.js';

/** A context to make: its tokens per sequence and how many sequences. */
export interface ContextPlan {
  readonly contextSize: number;
  readonly sequences: number;
}

/** Bytes that a model takes. */
export interface MemoryEstimate {
  readonly weights: number;
  readonly kvCache: number;
  readonly compute: number;
}

/** Their files may name a window, which llama.cpp v0.4.0 does not use for them. */
const withoutWindow: ReadonlySet<string> = new Set(['llama', 'qwen2', 'qwen3', 'deepseek', 'deepseek2']);
/** Context sizes are rounded up to this (`GGML_PAD(n_ctx, 256)` in llama.cpp's `llama_context`). */
const contextPadding = 256;

/** The context size that the model was trained for; 0 when the file does not say. */
export function trainedContextSize(metadata: Metadata): number {
  return asCount(number(metadata, 'context_length'));
}

/** What a slot gets when the options leave it open: conversations rarely need more, and the cache of every token costs memory. */
const defaultContextSize = 8_192;

/**
 * Tokens per slot: what is asked for, but not more than the model was trained for, since beyond that it writes nonsense; 0 takes the
 * usual number. `trained` is 0 where nobody knows.
 */
export function plannedContextSize(asked: number, trained: number): number {
  return Math.min(asked || defaultContextSize, trained || Infinity);
}

/**
 * Bytes of the KV cache per token, for each layer. llama.cpp (`llama_kv_cache`) keeps `head_count_kv * key_length` elements of
 * keys and `head_count_kv * value_length` of values per layer. With multi-head latent attention (the file has
 * `key_length_mla`) keys are the latent vector and its rotated part (`key_length = kv_lora_rank + rope dimensions`), with one
 * head, and the values are a part of the keys, so that none are kept.
 */
export function kvBytesPerLayer(metadata: Metadata, kvType: KvType = 'f16'): readonly number[] {
  const { key, value } = headLengths(metadata);
  const headCount = fact(metadata, 'attention.head_count_kv') === undefined ? 'attention.head_count' : 'attention.head_count_kv';
  const layers = Math.min(number(metadata, 'block_count'), 4_096);
  return Array.from({ length: layers }, (_, layer) => {
    const heads = perLayer(metadata, headCount, layer);
    return cacheRowBytes(heads * key, kvType) + (isLatent(metadata) ? 0 : cacheRowBytes(heads * value, kvType));
  });
}

/** Bytes of the KV cache per token, all layers. */
export function kvBytesPerToken(metadata: Metadata, kvType: KvType = 'f16'): number {
  return kvBytesPerLayer(metadata, kvType).reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * What llama.cpp allocates for a model, all devices together: weights; keys and values; the buffer of the widest step's activations, and
 * scores over the vocabulary for each sequence. For the shapes of DeepSeek's models (`llama`, `qwen2`, `qwen3`, `deepseek2`) it is
 * what llama.cpp's log says; other architectures are taken for the nearest of these. A GPU adds copies of the inputs, which are small.
 */
export function estimateMemory(headers: readonly EstimateHeader[], contexts: readonly ContextPlan[], batchSize: number, kvType: KvType = 'f16'): MemoryEstimate {
  const metadata: Metadata = headers[0]?.metadata ?? new Map();
  const weights = headers.reduce((sum, header) => sum + header.tensors.reduce((bytes, tensor) => bytes + tensor.bytes, 0), 0);
  const shape = networkShape(headers);
  const flash = flashAttention(metadata, kvType) !== false;
  const perToken = kvBytesPerToken(metadata, kvType);
  let kvCache = 0;
  let compute = 0;
  for (const plan of contexts) {
    const cells = cellsOf(metadata, plan.contextSize, batchSize);
    kvCache += perToken * cells * plan.sequences;
    compute += stepBytes(shape, batchSize, cells, plan.sequences, flash, kvType);
  }
  // A header may say anything, and its figures are told.
  return { weights: asCount(weights), kvCache: asCount(Math.ceil(kvCache)), compute: asCount(compute) };
}

/** Tokens that the cache of a sequence has room for. Layers with a sliding window keep at most that and one batch; which do, not all files say, so all count. */
function cellsOf(metadata: Metadata, contextSize: number, batchSize: number): number {
  const window = withoutWindow.has(String(metadata.get('general.architecture'))) ? 0 : number(metadata, 'attention.sliding_window');
  const needed = window > 0 ? Math.min(contextSize, window + batchSize) : contextSize;
  return Math.ceil(needed / contextPadding) * contextPadding;
}

function stepBytes(shape: NetworkShape, batchSize: number, cells: number, sequences: number, flash: boolean, kvType: KvType): number {
  const widest = Math.min(cells * sequences, Math.max(batchSize, sequences));
  const tokens = Math.ceil(widest / sequences) * sequences;
  const activations = graphBytes(computeGraph(shape, { tokens, cells, sequences, flashAttention: flash, rotates: kvType !== 'f16' }));
  return activations + sequences * shape.vocabulary * Float32Array.BYTES_PER_ELEMENT;
}
