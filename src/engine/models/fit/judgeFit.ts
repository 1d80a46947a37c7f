import type { KvType } from '../../protocol/engineTypes.js';
import { type Fit, type ModelOffer, neededBytes } from '../../protocol/modelTypes.js';
import { bestWithin, leastContextSize } from '../memory/contextSearch.js';
import { type MemoryEstimate, plannedContextSize } from '../memory/memoryEstimate.js';
import type { ModelShape, PredictedSpeed } from '../predictor.js';
import type { MemoryBudget } from './memoryBudget.js';
import { type ContextAndType, kvTypesOf, type ModelUse, needsOf, trainedFor } from './modelNeeds.js';

/** A context with what the model needs for it. */
export interface Needed extends ContextAndType {
  readonly memory: MemoryEstimate;
}

/** What of a model fits this machine's memory. `asked` is the context that was wanted, `smallest` what is left when nothing fits. */
export interface HereFit {
  readonly best: (Needed & { readonly verdict: 'fits' | 'smallerContext' }) | null;
  readonly asked: Needed;
  readonly smallest: Needed;
}

/**
 * What the model would get with the context asked for, 0 for the usual one: less of it, or a smaller KV type, where the memory is short,
 * as the worker chooses by itself.
 */
export function fitHere(shape: ModelShape, offer: Pick<ModelOffer, 'contextSize'>, asked: number, use: ModelUse, availableBytes: number): HereFit {
  const wanted = plannedContextSize(asked, trainedFor(shape) || offer.contextSize);
  const types = kvTypesOf(shape, use.kvType);
  const needed = (kvType: KvType, contextSize: number): Needed => ({ contextSize, kvType, memory: needsOf(shape, use, { contextSize, kvType }) });
  const best = bestWithin(wanted, types, (kvType, cap) => {
    const choice = needed(kvType, cap);
    return neededBytes(choice.memory) <= availableBytes ? choice : null;
  });
  return {
    best: best === null ? null : { ...best, verdict: best.contextSize === wanted ? 'fits' : 'smallerContext' },
    asked: needed(types[0] ?? 'f16', wanted),
    smallest: needed(types.at(-1) ?? 'f16', Math.min(leastContextSize, wanted)),
  };
}

/**
 * What to say of a model: where it can run, with which context, and how fast. `speed` is predicted for the context of `here.best`, or
 * for the one asked for where nothing fits here.
 */
export function judgeFit(here: HereFit, speed: PredictedSpeed, { availableBytes, reserveBytes }: MemoryBudget, basis: Fit['basis']): Fit {
  const { best, asked, smallest } = here;
  const verdict = best?.verdict ?? (speed.pod === null ? 'tooLarge' : 'pod');
  const { contextSize, kvType, memory } = best ?? (verdict === 'pod' ? asked : smallest);
  return {
    verdict,
    contextSize,
    kvType,
    memory: { ...memory, reserve: reserveBytes },
    availableBytes,
    tokensPerSecond: best === null ? speed.pod : speed.here,
    basis,
  };
}
