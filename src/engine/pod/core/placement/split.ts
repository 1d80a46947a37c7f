import { EngineError } from '../../../base/errors.js';
import type { PodPart, PodPlan } from './placement.js';
import { here } from './rangeCost.js';

// How llama.cpp (v0.4.0, `llama_model_base::load_tensors`) distributes a model: of `layers + 1` places, the last of which is the
// output layer, the last `gpuLayers` go to devices. The free memories of the devices are summed up and divided by their sum, in
// 32-bit floats; the place `p` of `gpuLayers` is on the first device whose share up to and including it is above `p / gpuLayers`.

/** Memory that a device reports, in bytes. */
export interface DeviceMemory {
  readonly free: number;
  readonly total: number;
}

/**
 * The sum of the answers where no GPU here decides it, in bytes. Exact in a 32-bit float, and so much that a GPU here that has no
 * part, but reports its memory, stays far below half a place.
 */
const scale = 2 ** 50;

/** What llama.cpp is told with a plan: how many layers are on devices, remote ones and a GPU here, the output layer included. */
export function gpuLayersOf(plan: PodPlan): number {
  return plan.layers + 1 - (plan.parts.find((part) => part.id === here && part.device === 'cpu')?.last ?? -1) - 1;
}

/** The parts on other machines, in the order in which their endpoints are registered. */
export function remoteParts(plan: PodPlan): readonly PodPart[] {
  return plan.parts.filter((part) => part.id !== here);
}

/**
 * What each remote machine of a plan answers for its memory, so that llama.cpp splits as planned. `localFreeBytes` is what the GPU
 * here reports; 0 without one. Each device ends half a place before its boundary, so that neither rounding nor a GPU whose free
 * memory changes a little before it is asked again moves a layer. Throws `gpuUnavailable` where the plan has layers on a GPU here
 * that reports no memory.
 */
export function memoryAnswers(plan: PodPlan, localFreeBytes: number): readonly DeviceMemory[] {
  const places = gpuLayersOf(plan);
  const before = plan.layers + 1 - places;
  const usesGpu = plan.parts.some((part) => part.id === here && part.device === 'gpu');
  if (usesGpu && localFreeBytes <= 0) throw new EngineError({ code: 'gpuUnavailable', gpu: 'auto', reason: 'it reports no free memory, and the plan has layers on it' });
  const ends = remoteParts(plan).map((part) => (part.output ? 1 : (part.last + 1 - before - 0.5) / places));
  const sum = usesGpu ? localFreeBytes / (1 - (ends.at(-1) ?? 0)) : scale;
  return ends.map((end, index) => {
    const free = Math.max(1, Math.round((end - (ends[index - 1] ?? 0)) * sum));
    return { free, total: free };
  });
}
