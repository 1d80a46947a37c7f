import assert from 'node:assert/strict';
import { failureOf } from '../../../src/engine/base/errors.js';
import type { ModelFile } from '../../../src/engine/models/gguf/modelFile.js';
import { estimateMemory } from '../../../src/engine/models/memory/memoryEstimate.js';
import { neededBytes } from '../../../src/engine/protocol/modelTypes.js';
import type { ModelOptions } from '../../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../../src/engine/protocol/workerMessages.js';
import { type LoadMachine, type LoadPlan, planLoad } from '../../../src/engine/worker/loadPlan.js';
import { coderMetadata as metadata } from '../../support/headers.js';

const gib = 2 ** 30;
// Coder 6.7B in 8 bits: 6.6 GiB, and 4 GiB of cache for 8,192 tokens.
const tensors = Array.from({ length: 32 }, (_, layer) => ({ name: `blk.${layer}.w.weight`, dimensions: [6.7e9 / 32], type: 8, offset: 0, bytes: (6.7e9 / 32 / 32) * 34 }));
const file: ModelFile = { architecture: 'llama', fileBytes: 7e9, parts: [], headers: [{ version: 3, metadata, types: new Map(), tensors, dataOffset: 0, endOffset: 0 }] };
const model: ModelOptions = { path: '/models/a.gguf', gpu: 'cpu', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] };
const params: LoadParams = { model, completion: null, chat: { contextSize: 0, slots: 1 }, remote: null };
const machine = (ramAvailable: number, change: Partial<LoadMachine> = {}): LoadMachine => ({
  memory: { ramTotal: 16 * gib, ramAvailable, vramAvailable: 0, unified: false }, supportsMmap: true, processorOnly: true, arch: 'x64', ...change,
});
const brief = ({ completion, chat, kvType, reduced }: LoadPlan): unknown => [completion, chat, kvType, reduced];
const need = (contextSize: number, kvType: 'f16' | 'q8_0'): number => neededBytes(estimateMemory(file.headers, [{ contextSize, sequences: 1 }], 512, kvType));

describe('how a model is loaded', () => {
  it('is with the usual context in 16 bits where there is room, and by two roles each with its own size', () => {
    assert.deepEqual(brief(planLoad(file, params, machine(15 * gib))), [null, 8_192, 'f16', false]);
    const both = { ...params, completion: { contextSize: 1_024, slots: 1 } };
    assert.deepEqual(brief(planLoad(file, both, machine(15 * gib))), [1_024, 8_192, 'f16', false]);
    assert.deepEqual(brief(planLoad(file, { ...both, chat: null }, machine(15 * gib))), [1_024, null, 'f16', false]);
  });

  it('is with less where that leaves the system some memory', () => {
    // A tenth stays free.
    assert.deepEqual(brief(planLoad(file, params, machine((need(8_192, 'q8_0') + 1) / 0.9))), [null, 8_192, 'q8_0', true]);
    assert.deepEqual(brief(planLoad(file, params, machine((need(4_096, 'q8_0') + 1) / 0.9))), [null, 4_096, 'q8_0', true]);
  });

  it('is possible with mapped weights that are more than what is available, but not with rearranged ones', () => {
    const little = machine(5.5 * gib);
    assert.deepEqual(brief(planLoad(file, params, little)), [null, 2_048, 'f16', true]);
    assert.deepEqual(brief(planLoad(file, { ...params, chat: { contextSize: 4_096, slots: 1 } }, little)), [null, 4_096, 'f16', false]);
    const least = planLoad(file, params, machine(0.3 * gib));
    assert.equal(least.kvType, 'q4_0');
    assert.ok((least.chat ?? 0) >= 512 && (least.chat ?? 0) < 2_048);
    const refused = (change: Partial<ModelOptions>, where: LoadMachine): string => {
      try {
        planLoad(file, { ...params, model: { ...model, ...change } }, where);
      } catch (error) {
        return failureOf(error).code;
      }
      return 'loaded';
    };
    assert.equal(refused({ mmap: false }, little), 'insufficientMemory');
    assert.equal(refused({ mlock: true }, little), 'insufficientMemory');
    assert.equal(refused({}, { ...little, supportsMmap: false }), 'insufficientMemory');
    // A processor of this kind keeps 8-bit matrices in another arrangement.
    assert.equal(refused({}, { ...little, arch: 'arm64' }), 'insufficientMemory');
    assert.equal(refused({}, { ...little, arch: 'arm64', processorOnly: false }), 'loaded');
  });

  it('keeps within the budget also where the machine has more', () => {
    const memoryBudgetBytes = need(4_096, 'q8_0');
    assert.deepEqual(brief(planLoad(file, { ...params, memoryBudgetBytes }, machine(15 * gib))), [null, 4_096, 'q8_0', true]);
  });

  it('offers the pod to a chat model only', () => {
    const choices = (change: Partial<LoadParams>): string[] => {
      try {
        planLoad(file, { ...params, ...change, memoryBudgetBytes: 1 }, machine(15 * gib));
      } catch (error) {
        const failure = failureOf(error);
        return failure.code === 'insufficientMemory' ? failure.choices.map(({ kind }) => kind) : [failure.code];
      }
      return [];
    };
    assert.deepEqual(choices({}), ['smallerQuantization', 'pod']);
    assert.deepEqual(choices({ chat: null, completion: { contextSize: 0, slots: 1 } }), ['smallerQuantization']);
  });

  it('chooses nothing by itself with layers on other machines, for their plan is made, and counts what stays here', () => {
    const remote = { endpoints: ['127.0.0.1:1'], gpuLayers: 31 };
    assert.deepEqual(brief(planLoad(file, { ...params, remote }, machine(1 * gib))), [null, 8_192, 'f16', false]);
    assert.throws(() => planLoad(file, { ...params, remote: { ...remote, gpuLayers: 1 } }, machine(1 * gib)), (error) => failureOf(error).code === 'insufficientMemory');
  });
});
