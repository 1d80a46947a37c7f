import type { Fit, ModelOffer } from '../../protocol/modelTypes.js';
import { type MemoryEstimate, plannedContextSize } from '../memory/memoryEstimate.js';
import type { ModelShape, PredictedSpeed } from '../predictor.js';
import type { MemoryBudget } from './memoryBudget.js';
import { type ContextChoice, hasKvCache, type ModelUse, needsOf, totalOf, trainedFor } from './modelNeeds.js';

/** A context with what the model needs for it. */
export interface Needed extends ContextChoice {
  readonly memory: MemoryEstimate;
}

/** What of a model fits this machine's memory. `asked` is the context that was wanted, `smallest` what is left when nothing fits. */
export interface HereFit {
  readonly best: (Needed & { readonly verdict: 'fits' | 'smallerContext' }) | null;
  readonly asked: Needed;
  readonly smallest: Needed;
}

/** Below this a conversation or a file with its context has no room. */
const leastContextSize = 2_048;
/** What the worker falls back to by itself; less costs too much quality to be offered. */
const kvTypes = ['f16', 'q8_0'] as const;

/**
 * The largest context up to the one asked for that fits, the whole one with a smaller KV type before a smaller one: a model forgets
 * what is not in its context, while 8 bits per value are hardly noticed. 0 asks for the usual one.
 */
export function fitHere(shape: ModelShape, offer: Pick<ModelOffer, 'contextSize'>, asked: number, use: ModelUse, availableBytes: number): HereFit {
  const trained = trainedFor(shape) || offer.contextSize;
  const wanted = trained > 0 ? Math.min(plannedContextSize(asked, trained), trained) : plannedContextSize(asked, trained);
  const types = hasKvCache(shape) ? kvTypes : kvTypes.slice(0, 1);
  const needed = (choice: ContextChoice): Needed => ({ ...choice, memory: needsOf(shape, use, choice) });
  const sizes = contextSizes(wanted);
  const choices = sizes.flatMap((contextSize) => types.map((kvType) => needed({ contextSize, kvType })));
  const best = choices.find(({ memory }) => totalOf(memory) <= availableBytes);
  return {
    best: best === undefined ? null : { ...best, verdict: best.contextSize === wanted ? 'fits' : 'smallerContext' },
    asked: needed({ contextSize: wanted, kvType: 'f16' }),
    smallest: needed({ contextSize: sizes.at(-1) ?? wanted, kvType: types.at(-1) ?? 'f16' }),
  };
}

/** From what is wanted down to the least one, each half of the one before. */
function contextSizes(wanted: number): number[] {
  const sizes = [wanted];
  for (let size = wanted / 2; size >= leastContextSize; size /= 2) sizes.push(Math.floor(size));
  return sizes;
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
