import type { KvType } from '../../protocol/engineTypes.js';
import { possibleKvTypes } from './kvTypes.js';
import { type ContextPlan, type EstimateHeader, estimateMemory, type MemoryEstimate, plannedContextSize, trainedContextSize } from './memoryEstimate.js';

/** What is asked of a model: contexts as in `RoleOptions`, a size of 0 is to be chosen; so is the type `auto`. */
export interface ContextAsk {
  readonly headers: readonly EstimateHeader[];
  readonly contexts: readonly ContextPlan[];
  readonly batchSize: number;
  readonly kvType: 'auto' | KvType;
}

/** How a model is to be loaded, and what it needs so. */
export interface ContextChoice {
  readonly contexts: readonly ContextPlan[];
  readonly kvType: KvType;
  readonly memory: MemoryEstimate;
  /** It is less than the model would get with enough memory: a smaller context, or a smaller type of the cache. */
  readonly reduced: boolean;
}

/** llama.cpp rounds contexts up to this. */
const step = 256;
/** With less than this a conversation, or a file to complete in, has no room; rather the smallest type of the cache. */
const comfortable = 2_048;
/** The least that is chosen by itself. */
const least = 512;

/**
 * The best context and KV type within the memory, or `null` where nothing fits. What was asked for by size or by type stays as it is.
 * What is left open is given up in this order: 16-bit floats, for `q8_0` answers hardly differently; then tokens of the context,
 * down to 2,048; then `q8_0`, for `q4_0` does cost quality; then tokens, down to 512.
 */
export function chooseContext(ask: ContextAsk, fits: (memory: MemoryEstimate) => boolean): ContextChoice | null {
  const possible = possibleKvTypes(ask.headers[0]?.metadata ?? new Map());
  const types = ask.kvType === 'auto' ? possible : possible.filter((type) => type === ask.kvType);
  const gentle = types.length === 1 ? types : types.filter((type) => type !== 'q4_0');
  const wanted = largestOpen(ask);
  const attempt = (kvType: KvType, cap: number): ContextChoice | null => {
    const contexts = plannedContexts(ask, cap);
    const memory = estimateMemory(ask.headers, contexts, ask.batchSize, kvType);
    return fits(memory) ? { contexts, kvType, memory, reduced: kvType !== types[0] || cap < wanted } : null;
  };
  const largest = (kvType: KvType | undefined, floor: number): ContextChoice | null => {
    if (kvType === undefined) return null;
    const cap = largestSize(Math.min(floor, wanted), wanted, (size) => attempt(kvType, size) !== null);
    return cap === null ? null : attempt(kvType, cap);
  };
  for (const kvType of gentle) {
    const whole = attempt(kvType, wanted);
    if (whole !== null) return whole;
  }
  return largest(gentle.at(-1), comfortable) ?? largest(types.at(-1), least);
}

/** The contexts with open sizes set to what the model was trained for, within reason, and within `cap`. */
export function plannedContexts(ask: ContextAsk, cap = Infinity): readonly ContextPlan[] {
  const trained = trainedContextSize(ask.headers[0]?.metadata ?? new Map());
  return ask.contexts.map(({ contextSize, sequences }) => ({ sequences, contextSize: contextSize === 0 ? Math.min(plannedContextSize(0, trained), cap) : contextSize }));
}

/**
 * The largest context size from `floor` to `ceiling`, in whole steps, for which `holds` is true; `null` where it is false for `floor`.
 * What holds for a size holds for smaller ones.
 */
export function largestSize(floor: number, ceiling: number, holds: (size: number) => boolean): number | null {
  if (!holds(floor)) return null;
  if (holds(ceiling)) return ceiling;
  let low = floor;
  let high = ceiling;
  while (high - low > step) {
    const middle = Math.ceil((low + high) / 2 / step) * step;
    if (middle >= high) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The largest of the sizes that are to be chosen; 0 where all were asked for. */
function largestOpen(ask: ContextAsk): number {
  return plannedContexts(ask).reduce((most, { contextSize }, index) => (ask.contexts[index]?.contextSize === 0 ? Math.max(most, contextSize) : most), 0);
}
