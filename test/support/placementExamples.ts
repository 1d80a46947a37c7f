import { here, type PlacementMachine } from '../../src/engine/pod/core/placement/rangeCost.js';
import type { ModelCost } from '../../src/engine/pod/core/placement/modelCost.js';

export const gigabyte = 1e9;

/** A machine on a gigabit link, unless said otherwise. */
export function remote(id: string, facts: Partial<PlacementMachine> = {}): PlacementMachine {
  return { id, device: 'gpu', usableBytes: 16 * gigabyte, bandwidth: 100 * gigabyte, layerOverhead: 0, link: { roundTrip: 0.000_3, throughput: 0.117 * gigabyte }, ...facts };
}

export function ours(device: 'cpu' | 'gpu', facts: Partial<PlacementMachine> = {}): PlacementMachine {
  return { id: here, device, usableBytes: 16 * gigabyte, bandwidth: 100 * gigabyte, layerOverhead: 0, link: null, ...facts };
}

/** A model of equal layers. */
export function evenModel(layers: number, layerBytes: number): ModelCost {
  return {
    layers: Array.from({ length: layers }, () => ({ bytes: layerBytes, activeBytes: layerBytes, kvBytesPerToken: 1_000 })),
    output: { bytes: layerBytes / 2, activeBytes: layerBytes / 2, tied: false },
    inputBytes: layerBytes / 2,
    hopBytes: 16_384,
    logitsBytes: 400_000,
    activationBytes: 100_000,
    scoreBytes: 16,
  };
}

/** Numbers from 0 to 1 that are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
