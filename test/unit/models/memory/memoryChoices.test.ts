import assert from 'node:assert/strict';
import type { ContextAsk } from '../../../../src/engine/models/memory/contextChoice.js';
import { memoryChoices } from '../../../../src/engine/models/memory/memoryChoices.js';
import { estimateMemory, type MemoryEstimate } from '../../../../src/engine/models/memory/memoryEstimate.js';
import { neededBytes } from '../../../../src/engine/protocol/modelTypes.js';
import { coderMetadata as metadata } from '../../../support/headers.js';

// Coder 6.7B with weights in 8 bits.
const elements = 6.7e9;
const headers = [{ metadata, tensors: [{ name: 'w', dimensions: [elements], type: 8, offset: 0, bytes: (elements / 32) * 34 }] }];
const ask: ContextAsk = { headers, contexts: [{ contextSize: 8_192, sequences: 1 }], batchSize: 512, kvType: 'f16' };
const within = (bytes: number) => (memory: MemoryEstimate): boolean => neededBytes(memory) <= bytes;
const need = (contextSize: number, kvType: 'f16' | 'q8_0' | 'q4_0'): number => neededBytes(estimateMemory(headers, [{ contextSize, sequences: 1 }], 512, kvType));
const kinds = (bytes: number, change: Partial<ContextAsk> = {}): string[] => memoryChoices({ ...ask, ...change }, within(bytes), false).map(({ kind }) => kind);

describe('what would make a model fit', () => {
  it('names the best KV type that does, and the largest context', () => {
    const choices = memoryChoices(ask, within(need(4_096, 'f16')), true);
    assert.deepEqual(choices, [{ kind: 'kvType', kvType: 'q4_0' }, { kind: 'smallerContext', contextSize: 4_096 }, { kind: 'smallerQuantization' }, { kind: 'pod' }]);
    assert.deepEqual(memoryChoices(ask, within(need(8_192, 'q8_0')), false)[0], { kind: 'kvType', kvType: 'q8_0' });
  });

  it('names no type where the smallest was tried already', () => {
    assert.deepEqual(kinds(need(4_096, 'q4_0'), { kvType: 'auto' }), ['smallerContext', 'smallerQuantization']);
    assert.deepEqual(kinds(need(4_096, 'q4_0'), { kvType: 'q4_0' }), ['smallerContext', 'smallerQuantization']);
  });

  it('names no context where that was left open already, and nothing that would not do', () => {
    assert.deepEqual(kinds(need(512, 'f16') - 1, { contexts: [{ contextSize: 0, sequences: 1 }], kvType: 'auto' }).slice(0, 1), ['smallerQuantization']);
    assert.deepEqual(kinds(need(512, 'q4_0') - 1), ['smallerQuantization']);
  });

  it('names no smaller quantization where the context alone is too large', () => {
    assert.deepEqual(kinds(need(512, 'f16'), { contexts: [{ contextSize: 1_048_576, sequences: 1 }] }), ['smallerContext']);
  });

  it('names something always', () => {
    assert.deepEqual(kinds(1), ['smallerQuantization']);
  });
});
