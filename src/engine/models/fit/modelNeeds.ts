import { assertNever } from '../../base/errors.js';
import type { KvType } from '../../protocol/engineTypes.js';
import { estimateMemory, kvBytesPerToken, type MemoryEstimate, trainedContextSize } from '../memory/memoryEstimate.js';
import type { ModelShape } from '../predictor.js';

/** How a model is to be used. */
export interface ModelUse {
  readonly slots: number;
  readonly batchSize: number;
}

/** What the settings say unless the user changes them: two sequences, so that two windows do not take turns. */
export const usualUse: ModelUse = { slots: 2, batchSize: 512 };

/** A context and how it is kept. */
export interface ContextChoice {
  readonly contextSize: number;
  readonly kvType: KvType;
}

/** Bytes of the KV cache against 16-bit floats: ggml keeps 32 values in 34 bytes as `q8_0` and in 18 as `q4_0`. */
export const kvShare: Readonly<Record<KvType, number>> = { f16: 1, q8_0: 34 / 64, q4_0: 18 / 64 };

/**
 * Compute buffers per token of a batch where only the catalogue is known: the scores of the largest vocabulary in it (152,064 of
 * Qwen), which outweigh the activations.
 */
const scoresPerToken = 152_064 * Float32Array.BYTES_PER_ELEMENT;

/** Bytes that a model takes with a context, by what is known of it. */
export function needsOf(shape: ModelShape, use: ModelUse, { contextSize, kvType }: ContextChoice): MemoryEstimate {
  switch (shape.kind) {
    case 'headers': {
      const estimate = estimateMemory(shape.headers, [{ contextSize, sequences: use.slots }], use.batchSize);
      return { ...estimate, kvCache: Math.ceil(estimate.kvCache * kvShare[kvType]) };
    }
    case 'facts':
      return { weights: shape.weights, kvCache: Math.ceil(shape.kvBytesPerToken * contextSize * use.slots * kvShare[kvType]), compute: use.batchSize * scoresPerToken };
    default:
      return assertNever(shape);
  }
}

/** Tokens that the header says the model was trained for; 0 where it does not. */
export function trainedFor(shape: ModelShape): number {
  return shape.kind === 'headers' ? trainedContextSize(shape.headers[0]?.metadata ?? new Map()) : 0;
}

/** Whether the model has a KV cache that a smaller type would make smaller. */
export function hasKvCache(shape: ModelShape): boolean {
  return (shape.kind === 'headers' ? kvBytesPerToken(shape.headers[0]?.metadata ?? new Map()) : shape.kvBytesPerToken) > 0;
}

export const totalOf = ({ weights, kvCache, compute }: MemoryEstimate): number => weights + kvCache + compute;
