import assert from 'node:assert/strict';
import { ModelJudge, type ModelJudgeOptions } from '../../../../src/engine/models/fit/modelJudge.js';
import { needsOf, usualUse } from '../../../../src/engine/models/fit/modelNeeds.js';
import { neededBytes } from '../../../../src/engine/protocol/modelTypes.js';
import type { Fit } from '../../../../src/engine/protocol/modelTypes.js';
import { machineOf, offeredFile, offeredModel, shapes } from '../../../support/fitExamples.js';

const limit = 10e9;
const small = offeredModel('small', 1.35, [offeredFile(shapes.coder1, 873e6, { path: '/m/a.gguf' })]);
const other = { path: '/m/other.gguf', contextSize: 4_096, use: { ...usualUse, kvType: 'f16' as const } };
const otherBytes = neededBytes(needsOf(shapes.coder7, usualUse, { contextSize: 4_096, kvType: 'f16' }));

async function fitBeside(changes: Partial<ModelJudgeOptions>): Promise<Fit> {
  const judge = new ModelJudge({
    readHeaders: async () => shapes.coder7,
    predictor: { machine: async () => machineOf(32), predict: async () => ({ here: 1, pod: null }) },
    trials: { here: () => assert.fail(), onPod: () => assert.fail() },
    results: async () => ({ list: [], put: () => assert.fail() }),
    podModel: () => null,
    loaded: () => ({ replacedBytes: 0, beside: null }),
    waiting: () => other,
    limitBytes: () => limit,
    use: () => usualUse,
    ...changes,
  });
  const { files: [file] } = await judge.offer(small, { role: 'chat', contextSize: 0 }, new AbortController().signal);
  return file?.fit ?? assert.fail();
}

describe('a model is judged', () => {
  it('beside that of the other role, as much as it will take', async () => {
    assert.equal((await fitBeside({})).availableBytes, limit - otherBytes);
    assert.equal((await fitBeside({ waiting: () => null })).availableBytes, limit);
  });

  it('as if it were alone where the other cannot be read, or would never fit', async () => {
    assert.equal((await fitBeside({ readHeaders: () => Promise.reject(new Error('no model')) })).availableBytes, limit);
    assert.equal((await fitBeside({ readHeaders: async () => shapes.llama70 })).availableBytes, limit);
  });

  it('with what is loaded, without a look at the file', async () => {
    const loaded = { replacedBytes: 0, beside: { path: '/m/other.gguf', mainBytes: 1e9, gpuBytes: 0, budgetBytes: 3e9, pendingBytes: 0 } };
    assert.equal((await fitBeside({ loaded: () => loaded, readHeaders: () => assert.fail() })).availableBytes, limit - 3e9);
  });

  it('as one with the other where both roles have the same file', async () => {
    assert.equal((await fitBeside({ waiting: () => ({ ...other, path: '/m/a.gguf' }) })).availableBytes, limit);
  });
});
