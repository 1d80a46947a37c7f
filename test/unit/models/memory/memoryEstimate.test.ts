import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type GgufValue, readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { estimateMemory, kvBytesPerToken } from '../../../../src/engine/models/memory/memoryEstimate.js';

const metadata = (entries: Readonly<Record<string, GgufValue>>): ReadonlyMap<string, GgufValue> => new Map(Object.entries(entries));

describe('memory estimate', () => {
  it('counts keys and values of every head for attention with grouped queries', () => {
    // Llama 3 8B: 32 layers, 8 KV heads of 128, 2 bytes, keys and values: 128 KiB per token.
    const llama = metadata({
      'general.architecture': 'llama',
      'llama.block_count': 32,
      'llama.embedding_length': 4_096,
      'llama.attention.head_count': 32,
      'llama.attention.head_count_kv': 8,
    });
    assert.equal(kvBytesPerToken(llama), 131_072);
  });

  it('counts the latent vector alone for multi-head latent attention', () => {
    // DeepSeek-V3: 61 layers, latent 512 + 64 rotated, 2 bytes.
    const v3 = metadata({
      'general.architecture': 'deepseek2',
      'deepseek2.block_count': 61,
      'deepseek2.attention.head_count': 128,
      'deepseek2.attention.head_count_kv': 1,
      'deepseek2.attention.key_length': 576,
      'deepseek2.attention.value_length': 512,
      'deepseek2.attention.key_length_mla': 192,
      'deepseek2.attention.value_length_mla': 128,
    });
    assert.equal(kvBytesPerToken(v3), 61 * 576 * 2);
  });

  it('takes heads per layer from an array', () => {
    const hybrid = metadata({
      'general.architecture': 'x',
      'x.block_count': 3,
      'x.attention.head_count': 4,
      'x.attention.key_length': 64,
      'x.attention.value_length': 64,
      'x.attention.head_count_kv': { length: 3, numbers: [0, 2, 0] },
    });
    assert.equal(kvBytesPerToken(hybrid), 2 * 128 * 2);
  });

  it('counts quantized blocks with their scales', () => {
    const llama = metadata({ 'general.architecture': 'llama', 'llama.block_count': 32, 'llama.embedding_length': 4_096, 'llama.attention.head_count': 32, 'llama.attention.head_count_kv': 8 });
    assert.equal(kvBytesPerToken(llama, 'q8_0'), (131_072 / 2 / 32) * 34);
    assert.equal(kvBytesPerToken(llama, 'q4_0'), (131_072 / 2 / 32) * 18);
  });

  it('has all of calf as weights, and rounds contexts up as llama.cpp does', async () => {
    const bytes = fs.readFileSync('models/calf-q8_0.gguf');
    const header = await readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    const one = estimateMemory([header], [{ contextSize: 2_048, sequences: 1 }], 512);
    const two = estimateMemory([header], [{ contextSize: 2_000, sequences: 2 }], 512);
    assert.ok(one.weights > 12_000_000 && one.weights < bytes.length);
    assert.equal(one.kvCache, 6 * 160 * 2 * 2_048);
    assert.equal(two.kvCache, 2 * one.kvCache);
  });

  it('is zero, not an error, for metadata without facts', () => {
    assert.deepEqual(estimateMemory([{ metadata: new Map(), tensors: [] }], [], 512), { weights: 0, kvCache: 0, compute: 0 });
  });

  it('stays small and finite whatever a header says', () => {
    for (const value of [1e308, 2 ** 53, 0.5, 1_048_577]) {
      const names = ['block_count', 'embedding_length', 'feed_forward_length', 'attention.head_count', 'attention.kv_lora_rank', 'rope.dimension_count', 'expert_count', 'expert_used_count', 'expert_group_count', 'leading_dense_block_count'];
      const wild = metadata({ 'general.architecture': 'deepseek2', ...Object.fromEntries(names.map((name) => [`deepseek2.${name}`, value])) });
      for (const kvType of ['f16', 'q8_0'] as const) assert.ok(estimateMemory([{ metadata: wild, tensors: [] }], [{ contextSize: 512, sequences: 1 }], 512, kvType).compute >= 0);
    }
  });
});
