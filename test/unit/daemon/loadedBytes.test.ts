import assert from 'node:assert/strict';
import { loadedBytes } from '../../../src/engine/daemon/loadedBytes.js';
import type { ModelInfo, RoleState } from '../../../src/engine/protocol/engineTypes.js';
import { calf } from '../../support/workerProcess.js';
import { optionsFor } from '../../support/testClient.js';

const model = (changes: Partial<ModelInfo> = {}): RoleState => ({
  state: 'ready',
  lastStats: null,
  model: {
    name: 'a', path: '/a', architecture: 'llama', fileBytes: 60, contextSize: 1, layers: 1, gpuLayers: 0, gpu: 'cpu', threads: 1, remoteMachines: 0, fim: true, kvType: 'f16', lora: [],
    memoryBytes: { ram: 100, vram: 0 }, ...changes,
  },
});
const off: RoleState = { state: 'off' };
const mapped = optionsFor(calf);
const copied = optionsFor({ ...calf, mmap: false });

describe('memory of loaded models', () => {
  it('is nothing before one is loaded', () => {
    assert.equal(loadedBytes({ completion: off, chat: { state: 'loading', progress: 0.5 } }, null), 0);
  });

  it('has no weights that are mapped from the file', () => {
    assert.equal(loadedBytes({ completion: off, chat: model() }, mapped), 40);
    assert.equal(loadedBytes({ completion: off, chat: model() }, copied), 100);
  });

  it('counts a model of both roles once, and two models each', () => {
    assert.equal(loadedBytes({ completion: model(), chat: model() }, copied), 100);
    assert.equal(loadedBytes({ completion: model({ path: '/b' }), chat: model() }, copied), 200);
  });

  it('has what is on a GPU where that is main memory', () => {
    const onGpu = { memoryBytes: { ram: 10, vram: 80 } };
    assert.equal(loadedBytes({ completion: off, chat: model({ ...onGpu, gpu: 'metal' }) }, mapped), 90);
    assert.equal(loadedBytes({ completion: off, chat: model({ ...onGpu, gpu: 'cuda' }) }, mapped), 10);
  });
});
