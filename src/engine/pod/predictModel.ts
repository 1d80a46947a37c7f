import { assertNever } from '../base/errors.js';
import { kvBytesOf } from '../models/fit/modelNeeds.js';
import { flashAttention } from '../models/memory/kvTypes.js';
import { kvBytesPerLayer } from '../models/memory/memoryEstimate.js';
import type { MachineMemoryFacts, ModelShape, PredictedLoad, PredictedSpeed, Predictor } from '../models/predictor.js';
import type { KvType } from '../protocol/engineTypes.js';
import type { Device } from '../protocol/podTypes.js';
import { type ModelCost, modelCost } from './core/placement/modelCost.js';
import { place } from './core/placement/placement.js';
import { decide } from './core/state/decidePlan.js';
import { rateOf } from './core/state/planPreview.js';
import type { PodState } from './core/state/podState.js';
import { ownDevices } from './ownDevices.js';

export interface PodPredictorOptions {
  /** Settles when this machine's devices are known. */
  look(): Promise<void>;
  /** Settles when their speeds are known too. */
  measured(): Promise<void>;
  devices(): readonly Device[];
  /** Main memory in bytes: all of it, and what programs can take now. */
  totalMemory(): number;
  freeMemory(): number;
  /** The pod with all paired machines that could be reached; `null` where none is paired. */
  pod(signal: AbortSignal): Promise<PodState | null>;
}

/** Predicts by the pod's placement model, from the memory bandwidth that was measured here and on the paired machines. */
export class PodPredictor implements Predictor {
  constructor(private readonly options: PodPredictorOptions) {}

  async machine(): Promise<MachineMemoryFacts> {
    const { look, devices, totalMemory, freeMemory } = this.options;
    await look();
    const gpu = devices().filter(({ kind }) => kind === 'gpu').toSorted((a, b) => b.memoryBytes - a.memoryBytes)[0];
    return { ramTotal: totalMemory(), ramAvailable: freeMemory(), gpu: gpu === undefined ? null : { total: gpu.memoryBytes, unified: gpu.unified === true } };
  }

  async predict(load: PredictedLoad, signal: AbortSignal): Promise<PredictedSpeed> {
    const { measured, devices, freeMemory, pod } = this.options;
    await measured();
    return predictSpeed(load, devices(), freeMemory(), await pod(signal));
  }
}

/** What `PodPredictor` says, from what is known. */
export function predictSpeed({ shape, kvType, contextSize, slots, batchSize }: PredictedLoad, devices: readonly Device[], freeMemory: number, pod: PodState | null): PredictedSpeed {
  const cost = costOf(shape, kvType);
  const context = { tokens: contextSize, slots, batchSize };
  // A GPU with a memory of its own decides by its size which layers are slow. All else is not looked at: whether there is room is judged elsewhere.
  const roomy = devices.map((device) => ({ ...device, freeBytes: device.unified === true ? Infinity : device.memoryBytes }));
  const { local } = place(ownDevices(roomy, Number.MAX_SAFE_INTEGER, true), cost, context);
  const here = local.plan === null || local.plan.secondsPerToken === Infinity ? null : rateOf(local.plan);
  if (pod === null || pod.self === null) return { here, pod: null };
  const machines = ownDevices(devices, freeMemory, true);
  const spread = decide({ ...pod, self: { ...pod.self, machines } }, { path: '', cost, context }).placement.pod;
  return { here, pod: spread === null ? null : rateOf(spread) };
}

function costOf(shape: ModelShape, kvType: KvType): ModelCost {
  switch (shape.kind) {
    case 'headers': {
      const metadata = shape.headers[0]?.metadata ?? new Map();
      return modelCost(shape.headers, kvBytesPerLayer(metadata, kvType), flashAttention(metadata, kvType) !== false);
    }
    case 'facts': {
      const { weights, activeShare, layers } = shape;
      const each = { bytes: weights / layers, activeBytes: (weights * activeShare) / layers, kvBytesPerToken: kvBytesOf(shape, kvType) / layers };
      // What the output layer is of it is not known, and what crosses a link is little beside its round trip.
      return {
        layers: Array.from({ length: layers }, () => each),
        output: { bytes: 0, activeBytes: 0, tied: true },
        inputBytes: 0,
        hopBytes: 0,
        logitsBytes: 0,
        activationBytes: 0,
        scoreBytes: 0,
      };
    }
    default:
      return assertNever(shape);
  }
}
