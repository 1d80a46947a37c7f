import assert from 'node:assert/strict';
import { loadedNow } from '../../../src/engine/daemon/loadedNow.js';
import type { EngineOptions, ModelInfo, RoleState } from '../../../src/engine/protocol/engineTypes.js';
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
const replaced = (completion: RoleState, chat: RoleState, options: EngineOptions | null) => loadedNow({ completion, chat }, options, null).replacedBytes;
const off: RoleState = { state: 'off' };
const mapped = optionsFor(calf);
const copied = optionsFor({ ...calf, mmap: false });

describe('memory of loaded models', () => {
  it('is nothing before one is loaded', () => {
    assert.equal(replaced(off, { state: 'loading', progress: 0.5 }, null), 0);
  });

  it('has no weights that are mapped from the file', () => {
    assert.equal(replaced(off, model(), mapped), 40);
    assert.equal(replaced(off, model(), copied), 100);
  });

  it('counts a model of both roles once, and two models each', () => {
    assert.equal(replaced(model(), model(), copied), 100);
    assert.equal(replaced(model({ path: '/b' }), model(), copied), 200);
  });

  it('has what is on a GPU where that is main memory', () => {
    const onGpu = { memoryBytes: { ram: 10, vram: 80 } };
    assert.equal(replaced(off, model({ ...onGpu, gpu: 'metal' }), mapped), 90);
    assert.equal(replaced(off, model({ ...onGpu, gpu: 'cuda' }), mapped), 10);
  });

  it('stays for the other role, with what it takes of the budget', () => {
    const completion = model({ path: '/b', memoryBytes: { ram: 70, vram: 5 } });
    assert.deepEqual(loadedNow({ completion, chat: model() }, copied, 'chat'), { replacedBytes: 100, beside: { path: '/b', mainBytes: 70, gpuBytes: 5, budgetBytes: 75, pendingBytes: 0 } });
    assert.deepEqual(loadedNow({ completion, chat: model() }, mapped, 'completion'), { replacedBytes: 10, beside: { path: '/a', mainBytes: 40, gpuBytes: 0, budgetBytes: 100, pendingBytes: 0 } });
  });

  it('is not given back where the other role has the same model', () => {
    assert.deepEqual(loadedNow({ completion: model(), chat: model() }, copied, 'chat'), { replacedBytes: 0, beside: { path: '/a', mainBytes: 100, gpuBytes: 0, budgetBytes: 100, pendingBytes: 0 } });
  });

  it('is not of this machine where its layers are on others', () => {
    const spread = model({ remoteMachines: 2, memoryBytes: { ram: 10, vram: 500 } });
    assert.equal(replaced(off, model({ remoteMachines: 2, gpu: 'metal', memoryBytes: { ram: 10, vram: 500 } }), copied), 10);
    assert.deepEqual(loadedNow({ completion: off, chat: spread }, copied, 'completion').beside, { path: '/a', mainBytes: 10, gpuBytes: 0, budgetBytes: 10, pendingBytes: 0 });
  });
});
