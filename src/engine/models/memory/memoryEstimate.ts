import type { KvType } from '../../protocol/engineTypes.js';
import type { GgufHeader } from '../gguf/ggufHeader.js';
import { cacheRowBytes } from './kvTypes.js';
import { fact, headLengths, isLatent, type Metadata, number, perLayer } from './metadataFacts.js';

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

/** What of a header the estimate needs; a model in several files has several headers. */
export type EstimateHeader = Pick<GgufHeader, 'metadata' | 'tensors'>;

/** Context sizes are rounded up to this (`GGML_PAD(n_ctx, 256)` in llama.cpp's `llama_context`). */
const contextPadding = 256;

/** The context size that the model was trained for; 0 when the file does not say. */
export function trainedContextSize(metadata: Metadata): number {
  return number(metadata, 'context_length');
}

/** What a slot gets when the options leave it open: conversations rarely need more, and the cache of every token costs memory. */
const defaultContextSize = 8_192;

/** Tokens per slot: what is asked for; 0 takes what the model was trained for, within reason. */
export function plannedContextSize(asked: number, trained: number): number {
  return asked === 0 ? Math.min(trained || defaultContextSize, defaultContextSize) : asked;
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
 * What a model needs in memory, at least: refusing by it never refuses a model that would have run. The compute buffers are
 * those of one step's logits and of its widest activations; attention scores are left out, since flash attention has none.
 * A sliding window keeps at most itself and one batch in its layers; which layers have one is not in all files, so all count.
 */
export function estimateMemory(headers: readonly EstimateHeader[], contexts: readonly ContextPlan[], batchSize: number, kvType: KvType = 'f16'): MemoryEstimate {
  const metadata: Metadata = headers[0]?.metadata ?? new Map();
  const weights = headers.reduce((sum, header) => sum + header.tensors.reduce((bytes, tensor) => bytes + tensor.bytes, 0), 0);
  const window = number(metadata, 'attention.sliding_window');
  const cells = (plan: ContextPlan): number => {
    const needed = window > 0 ? Math.min(plan.contextSize, window + batchSize) : plan.contextSize;
    return Math.ceil(needed / contextPadding) * contextPadding * plan.sequences;
  };
  const kvCache = kvBytesPerToken(metadata, kvType) * contexts.reduce((sum, plan) => sum + cells(plan), 0);

  const tokens = metadata.get('tokenizer.ggml.tokens');
  const vocabulary = typeof tokens === 'object' ? tokens.length : 0;
  const widest = Math.max(number(metadata, 'feed_forward_length'), 4 * number(metadata, 'embedding_length'));
  const compute = contexts.length * batchSize * (vocabulary + widest) * Float32Array.BYTES_PER_ELEMENT;
  return { weights, kvCache, compute };
}

/** The machine's memory in bytes. */
export interface MachineMemory {
  readonly ramTotal: number;
  /** What programs can take now, caches that can be dropped included. */
  readonly ramAvailable: number;
  /** 0 without a GPU. */
  readonly vramAvailable: number;
  /** The GPU uses the main memory, as on Apple silicon. */
  readonly unified: boolean;
}

export interface MemoryVerdict {
  readonly fits: boolean;
  readonly requiredBytes: number;
  readonly availableBytes: number;
}

/**
 * Whether a model can run. Weights that are mapped from the file (`mmap`) take pages that the system can drop and read again, so
 * they may use all of the main memory; what is not mapped must fit into what is available now.
 */
export function judgeMemory(estimate: MemoryEstimate, machine: MachineMemory, options: { readonly mapped: boolean }): MemoryVerdict {
  const requiredBytes = estimate.weights + estimate.kvCache + estimate.compute;
  const ram = options.mapped ? machine.ramTotal : machine.ramAvailable;
  const availableBytes = machine.unified ? Math.max(ram, machine.vramAvailable) : ram + machine.vramAvailable;
  const own = requiredBytes - estimate.weights;
  const ownAvailable = machine.unified ? Math.max(machine.ramAvailable, machine.vramAvailable) : machine.ramAvailable + machine.vramAvailable;
  if (own > ownAvailable) return { fits: false, requiredBytes: own, availableBytes: ownAvailable };
  return { fits: requiredBytes <= availableBytes, requiredBytes, availableBytes };
}
