import { assertNever } from '../../base/errors.js';
import type { KvType } from '../../protocol/engineTypes.js';
import { cacheRowBytes, kvTypes, kvTypesFor } from '../memory/kvTypes.js';
import { estimateMemory, type MemoryEstimate, trainedContextSize } from '../memory/memoryEstimate.js';
import type { ModelShape } from '../predictor.js';

/** How a model is to be used. */
export interface ModelUse {
  readonly slots: number;
  readonly batchSize: number;
  /** `auto` takes the exactest that fits. */
  readonly kvType: 'auto' | KvType;
}

/** What the settings say unless the user changes them: two sequences, so that two windows do not take turns. */
export const usualUse: ModelUse = { slots: 2, batchSize: 512, kvType: 'auto' };

/** A context and how it is kept. */
export interface ContextAndType {
  readonly contextSize: number;
  readonly kvType: KvType;
}

/**
 * Compute buffers per token of a batch where only the catalogue is known: the scores of the largest vocabulary in it (152,064 of
 * Qwen), which outweigh the activations.
 */
const scoresPerToken = 152_064 * Float32Array.BYTES_PER_ELEMENT;

/** Bytes that a model takes with a context, by what is known of it. */
export function needsOf(shape: ModelShape, use: Omit<ModelUse, 'kvType'>, { contextSize, kvType }: ContextAndType): MemoryEstimate {
  switch (shape.kind) {
    case 'headers':
      return estimateMemory(shape.headers, [{ contextSize, sequences: use.slots }], use.batchSize, kvType);
    case 'facts':
      return { weights: shape.weights, kvCache: Math.ceil(kvBytesOf(shape, kvType) * contextSize * use.slots), compute: use.batchSize * scoresPerToken };
    default:
      return assertNever(shape);
  }
}

/** Tokens that the header says the model was trained for; 0 where it does not. */
export function trainedFor(shape: ModelShape): number {
  return shape.kind === 'headers' ? trainedContextSize(shape.headers[0]?.metadata ?? new Map()) : 0;
}

/** The KV types that it may get, the best one first; where only the catalogue is known, any. */
export function kvTypesOf(shape: ModelShape, asked: ModelUse['kvType']): readonly KvType[] {
  if (shape.kind === 'headers') return kvTypesFor(shape.headers[0]?.metadata ?? new Map(), asked);
  return asked === 'auto' ? kvTypes : [asked];
}

/** Bytes of the KV cache per token by what the catalogue says, which counts 16-bit floats. */
export function kvBytesOf({ kvBytesPerToken }: Extract<ModelShape, { kind: 'facts' }>, kvType: KvType): number {
  return cacheRowBytes(kvBytesPerToken / cacheRowBytes(1, 'f16'), kvType);
}
