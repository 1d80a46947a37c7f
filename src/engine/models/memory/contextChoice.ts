import type { KvType } from '../../protocol/engineTypes.js';
import { bestWithin } from './contextSearch.js';
import { kvTypesFor } from './kvTypes.js';
import { type ContextPlan, estimateMemory, type MemoryEstimate, plannedContextSize, trainedContextSize } from './memoryEstimate.js';
import type { Metadata } from './metadataFacts.js';
import type { EstimateHeader } from './networkShape.js';

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

/**
 * The best context and KV type within the memory, or `null` where nothing fits. What was asked for by size or by type stays as it is,
 * but for a type that the model cannot have, which becomes `f16`; what is left open is given up in the order of `bestWithin`.
 */
export function chooseContext(ask: ContextAsk, fits: (memory: MemoryEstimate) => boolean): ContextChoice | null {
  const metadata: Metadata = ask.headers[0]?.metadata ?? new Map();
  const types = kvTypesFor(metadata, ask.kvType);
  const wanted = largestOpen(ask);
  return bestWithin(wanted, types, (kvType, cap) => {
    const contexts = plannedContexts(ask, cap);
    const memory = estimateMemory(ask.headers, contexts, ask.batchSize, kvType);
    return fits(memory) ? { contexts, kvType, memory, reduced: kvType !== types[0] || cap < wanted } : null;
  });
}

/** The contexts as the model would have them: none is larger than it was trained for, and those left open are within `cap`. */
export function plannedContexts(ask: ContextAsk, cap = Infinity): readonly ContextPlan[] {
  const trained = trainedContextSize(ask.headers[0]?.metadata ?? new Map());
  return ask.contexts.map(({ contextSize, sequences }) => ({ sequences, contextSize: Math.min(plannedContextSize(contextSize, trained), contextSize === 0 ? cap : Infinity) }));
}

/** The largest of the sizes that are to be chosen; 0 where all were asked for. */
function largestOpen(ask: ContextAsk): number {
  return plannedContexts(ask).reduce((most, { contextSize }, index) => (ask.contexts[index]?.contextSize === 0 ? Math.max(most, contextSize) : most), 0);
}
