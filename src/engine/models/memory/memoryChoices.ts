import type { MemoryChoice } from '../../base/errors.js';
import { chooseContext, type ContextAsk } from './contextChoice.js';
import { largestSize, leastContextSize } from './contextSearch.js';
import { kvTypes, possibleKvTypes } from './kvTypes.js';
import type { MemoryEstimate } from './memoryEstimate.js';

/** Bytes per weight of the smallest quantization that still answers sensibly: `Q2_K`, 84 bytes for 256. */
const smallestWeight = 84 / 256;

/**
 * What would make a model fit that does not, the mildest first; each has been tried with `fits`. `pod` is for the caller to say, who knows
 * whether the model may run there.
 */
export function memoryChoices(ask: ContextAsk, fits: (memory: MemoryEstimate) => boolean, pod: boolean): MemoryChoice[] {
  const choices: MemoryChoice[] = [];
  const holds = (change: Partial<ContextAsk>, room = fits): boolean => chooseContext({ ...ask, ...change }, room) !== null;

  const possible = possibleKvTypes(ask.headers[0]?.metadata ?? new Map());
  const smaller = ask.kvType === 'auto' ? [] : kvTypes.slice(kvTypes.indexOf(ask.kvType) + 1).filter((type) => possible.includes(type));
  for (const kvType of smaller) {
    if (kvType === 'f16' || !holds({ kvType })) continue;
    choices.push({ kind: 'kvType', kvType });
    break;
  }
  const largest = ask.contexts.reduce((most, { contextSize }) => Math.max(most, contextSize), 0);
  if (largest > leastContextSize) {
    const contextSize = largestSize(leastContextSize, largest - 1, (cap) => holds({ contexts: ask.contexts.map((plan) => ({ ...plan, contextSize: Math.min(plan.contextSize, cap) })) }));
    if (contextSize !== null) choices.push({ kind: 'smallerContext', contextSize });
  }
  const tensors = ask.headers.flatMap((header) => header.tensors);
  const weights = tensors.reduce((sum, { dimensions }) => sum + dimensions.reduce((product, size) => product * size, smallestWeight), 0);
  if (choices.length === 0 || holds({}, (memory) => fits({ ...memory, weights: Math.min(memory.weights, weights) }))) choices.push({ kind: 'smallerQuantization' });
  if (pod) choices.push({ kind: 'pod' });
  return choices;
}
