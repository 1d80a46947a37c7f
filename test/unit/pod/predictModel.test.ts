import assert from 'node:assert/strict';
import type { PredictedLoad } from '../../../src/engine/models/predictor.js';
import { PodPredictor, predictSpeed } from '../../../src/engine/pod/predictModel.js';
import type { Device } from '../../../src/engine/protocol/podTypes.js';
import { shapes } from '../../support/fitExamples.js';
import { ours } from '../../support/placementExamples.js';
import { PodWorld, well } from '../../support/podWorld.js';

const cpu: Device = { name: 'CPU', kind: 'cpu', description: '', memoryBytes: 16e9, freeBytes: 4e9, bandwidth: 40e9, layerOverhead: 0 };
const gpu: Device = { name: 'CUDA0', kind: 'gpu', description: '', memoryBytes: 12e9, freeBytes: 1e9, bandwidth: 400e9, layerOverhead: 0 };
const loadOf = (shape: PredictedLoad['shape'], changes: Partial<PredictedLoad> = {}): PredictedLoad => ({ shape, contextSize: 4_096, kvType: 'f16', slots: 1, batchSize: 512, ...changes });
const here = (load: PredictedLoad, devices: readonly Device[]): number => predictSpeed(load, devices, 16e9, null).here ?? 0;

function podOf(...names: readonly string[]): PodWorld {
  const world = new PodWorld(well, [ours('cpu', { bandwidth: 40e9 })]);
  world.meet(...names);
  world.happen({ kind: 'watched', on: true });
  world.run();
  return world;
}

describe('prediction of a model', () => {
  it('reads the weights and half of a full context once per token', () => {
    const seconds = 1 / here(loadOf(shapes.coder7), [cpu]);
    const bytes = 4.08e9 + (512 * 1_024 * 4_096) / 2;
    assert.ok(Math.abs(seconds - (bytes / 40e9 + 0.001_5)) < 1e-6);
  });

  it('is faster with a smaller KV type and with experts of which few take part', () => {
    assert.ok(here(loadOf(shapes.coder7, { kvType: 'q8_0' }), [cpu]) > here(loadOf(shapes.coder7), [cpu]));
    assert.ok(here(loadOf(shapes.r1), [cpu]) > 10 * here(loadOf({ ...shapes.r1, activeShare: 1 }), [cpu]));
  });

  it('does not ask what is free now, but how large a GPU is', () => {
    const small = here(loadOf(shapes.coder7), [cpu, gpu]);
    assert.ok(small > 3 * here(loadOf(shapes.coder7), [cpu]));
    assert.ok(here(loadOf(shapes.llama70), [cpu, gpu]) < 2 * here(loadOf(shapes.llama70), [cpu]));
  });

  it('is unknown where no speed was measured or there is no device', () => {
    assert.deepEqual(predictSpeed(loadOf(shapes.coder7), [{ ...cpu, bandwidth: 0 }], 16e9, null), { here: null, pod: null });
    assert.deepEqual(predictSpeed(loadOf(shapes.coder7), [], 16e9, null), { here: null, pod: null });
  });

  it('says what the pod would do with what its machines lend, and nothing where they lend too little', () => {
    const { state } = podOf('Alice');
    const speed = predictSpeed(loadOf(shapes.coder7), [cpu], 16e9, state);
    assert.ok(speed.pod !== null && speed.here !== null && speed.pod > speed.here);
    assert.equal(predictSpeed(loadOf(shapes.llama70), [cpu], 16e9, state).pod, null);
    assert.notEqual(predictSpeed(loadOf(shapes.llama70), [cpu], 16e9, podOf('Alice', 'Bob', 'Carol', 'Dave').state).pod, null);
  });

  it('counts paired machines only', () => {
    const world = podOf();
    world.happen({ kind: 'seen', machine: 'ab'.repeat(32), name: 'Mallory', addresses: [{ host: '10.0.0.9', port: 4_000 }] });
    world.run();
    assert.equal(predictSpeed(loadOf(shapes.coder7), [cpu], 16e9, world.state).pod, null);
  });

  it('knows the memory of this machine with its largest GPU', async () => {
    const predictor = (devices: readonly Device[]): PodPredictor =>
      new PodPredictor({ look: async () => undefined, measured: async () => undefined, devices: () => devices, totalMemory: () => 32e9, freeMemory: () => 20e9, pod: async () => null });
    assert.deepEqual(await predictor([cpu]).machine(), { ramTotal: 32e9, ramAvailable: 20e9, gpu: null });
    assert.deepEqual(await predictor([cpu, { ...gpu, memoryBytes: 4e9, unified: true }, gpu]).machine(), { ramTotal: 32e9, ramAvailable: 20e9, gpu: { total: 12e9, unified: false } });
  });
});
