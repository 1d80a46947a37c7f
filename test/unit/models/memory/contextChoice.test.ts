import assert from 'node:assert/strict';
import { chooseContext, type ContextAsk, type ContextChoice } from '../../../../src/engine/models/memory/contextChoice.js';
import { largestSize } from '../../../../src/engine/models/memory/contextSearch.js';
import { estimateMemory, type MemoryEstimate } from '../../../../src/engine/models/memory/memoryEstimate.js';
import { coderMetadata as metadata } from '../../../support/headers.js';

const coder = [{ metadata, tensors: [] }];
const ask: ContextAsk = { headers: coder, contexts: [{ contextSize: 0, sequences: 1 }], batchSize: 512, kvType: 'auto' };
const total = ({ weights, kvCache, compute }: MemoryEstimate): number => weights + kvCache + compute;
const within = (bytes: number) => (memory: MemoryEstimate): boolean => total(memory) <= bytes;
/** What a context of one sequence needs. */
const need = (contextSize: number, kvType: 'f16' | 'q8_0' | 'q4_0'): number => total(estimateMemory(coder, [{ contextSize, sequences: 1 }], 512, kvType));
const brief = (choice: ContextChoice | null): unknown => choice && [choice.kvType, ...choice.contexts.map(({ contextSize }) => contextSize), choice.reduced];

describe('choice of context and KV type', () => {
  it('gives what is usual where it fits', () => {
    assert.deepEqual(brief(chooseContext(ask, within(need(8_192, 'f16')))), ['f16', 8_192, false]);
  });

  it('gives up 16-bit floats before it gives up tokens', () => {
    assert.deepEqual(brief(chooseContext(ask, within(need(8_192, 'f16') - 1))), ['q8_0', 8_192, true]);
  });

  it('gives up tokens before quality, down to what a conversation needs', () => {
    assert.deepEqual(brief(chooseContext(ask, within(need(4_096, 'q8_0')))), ['q8_0', 4_096, true]);
    assert.deepEqual(brief(chooseContext(ask, within(need(2_048, 'q8_0')))), ['q8_0', 2_048, true]);
  });

  it('takes the smallest type for what is left', () => {
    const choice = chooseContext(ask, within(need(2_048, 'q8_0') - 1));
    assert.equal(choice?.kvType, 'q4_0');
    assert.ok((choice.contexts[0]?.contextSize ?? 0) > 2_048);
    assert.deepEqual(brief(chooseContext(ask, within(need(512, 'q4_0')))), ['q4_0', 512, true]);
  });

  it('gives nothing where not even the smallest context fits', () => {
    assert.equal(chooseContext(ask, within(need(512, 'q4_0') - 1)), null);
  });

  it('never gives more than fits, and wastes less than a step', () => {
    for (let bytes = need(512, 'q4_0'); bytes < need(8_192, 'f16'); bytes += 77_777_777) {
      const choice = chooseContext(ask, within(bytes)) ?? assert.fail('it fits');
      const size = choice.contexts[0]?.contextSize ?? 0;
      assert.ok(total(choice.memory) <= bytes);
      assert.ok(size === 8_192 || need(size + 256, choice.kvType) > bytes);
    }
  });

  it('keeps a context that was asked for, and takes any type for it', () => {
    const asked = { ...ask, contexts: [{ contextSize: 16_384, sequences: 1 }] };
    assert.deepEqual(brief(chooseContext(asked, within(need(16_384, 'f16')))), ['f16', 16_384, false]);
    assert.deepEqual(brief(chooseContext(asked, within(need(16_384, 'q8_0')))), ['q8_0', 16_384, true]);
    assert.deepEqual(brief(chooseContext(asked, within(need(16_384, 'q4_0')))), ['q4_0', 16_384, true]);
    assert.equal(chooseContext(asked, within(need(16_384, 'q4_0') - 1)), null);
  });

  it('keeps a type that was asked for', () => {
    assert.deepEqual(brief(chooseContext({ ...ask, kvType: 'f16' }, within(need(4_096, 'f16')))), ['f16', 4_096, true]);
    assert.deepEqual(brief(chooseContext({ ...ask, kvType: 'q4_0' }, within(need(8_192, 'q4_0')))), ['q4_0', 8_192, false]);
  });

  it('makes only those contexts smaller that were left open', () => {
    const two = { ...ask, contexts: [{ contextSize: 4_096, sequences: 1 }, { contextSize: 0, sequences: 2 }] };
    const choice = chooseContext(two, within(need(8_192, 'q8_0') * 1.2));
    assert.equal(choice?.contexts[0]?.contextSize, 4_096);
    assert.ok((choice.contexts[1]?.contextSize ?? 0) < 8_192 && choice.contexts[1]?.sequences === 2);
  });

  it('does not go beyond what the model was trained for', () => {
    const small = [{ metadata: new Map([...metadata, ['llama.context_length', 1_000]]), tensors: [] }];
    assert.deepEqual(brief(chooseContext({ ...ask, headers: small }, () => true)), ['f16', 1_000, false]);
    assert.equal(chooseContext({ ...ask, headers: small }, () => false), null);
    assert.deepEqual(brief(chooseContext({ ...ask, headers: small, contexts: [{ contextSize: 4_096, sequences: 1 }] }, () => true)), ['f16', 1_000, false]);
  });

  it('quantizes no cache that llama.cpp refuses', () => {
    // Heads of 80 are no whole blocks of 32.
    const odd = [{ metadata: new Map([...metadata, ['llama.attention.head_count', 40], ['llama.attention.head_count_kv', 40], ['llama.embedding_length', 3_200]]), tensors: [] }];
    const room = total(estimateMemory(odd, [{ contextSize: 1_024, sequences: 1 }], 512, 'f16'));
    assert.deepEqual(brief(chooseContext({ ...ask, headers: odd }, within(room))), ['f16', 1_024, true]);
    assert.deepEqual(brief(chooseContext({ ...ask, headers: odd, kvType: 'q8_0' }, () => true)), ['f16', 8_192, false]);
  });
});

describe('largest size', () => {
  it('is found for every limit', () => {
    for (let limit = 512; limit <= 8_192; limit += 100) {
      const found = largestSize(512, 8_192, (size) => size <= limit) ?? assert.fail('512 holds');
      assert.ok(found <= limit && (found === 8_192 || found + 256 > limit));
    }
    assert.equal(largestSize(512, 8_192, () => false), null);
  });
});
