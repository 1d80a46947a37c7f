import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { trapsOf } from '../../../../src/engine/models/gguf/traps.js';
import { headersOf, vocabulary } from '../../../support/headers.js';
import { withoutFim } from '../../../support/ggufFixture.js';

const verified = { verified: true };
const coder = { 'general.architecture': 'llama', 'general.name': 'Deepseek Coder 1.3B Base', 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'deepseek-coder', 'tokenizer.ggml.tokens': vocabulary(32_256, '<｜fim▁begin｜>') } as const;
const without = (key: string, metadata: Parameters<typeof headersOf>[0] = coder): ReturnType<typeof headersOf> => headersOf(Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== key)));

describe('traps of a model file', () => {
  it('are none in a good file whose checksum is confirmed', () => {
    assert.deepEqual(trapsOf(headersOf(coder), verified), []);
  });

  it('are said of a file whose checksum nobody has confirmed', () => {
    assert.deepEqual(trapsOf(headersOf(coder)), ['unverified']);
    assert.deepEqual(trapsOf(headersOf(coder), { verified: false }), ['unverified']);
  });

  it('know a tokenizer from before its rule had a name', () => {
    assert.deepEqual(trapsOf(without('tokenizer.ggml.pre'), verified), ['oldTokenizer']);
    for (const rule of ['', 'default']) assert.deepEqual(trapsOf(headersOf({ ...coder, 'tokenizer.ggml.pre': rule }), verified), ['oldTokenizer'], rule);
  });

  it('know a vocabulary of DeepSeek Coder with the rule of another', () => {
    assert.deepEqual(trapsOf(headersOf({ ...coder, 'tokenizer.ggml.pre': 'llama-bpe' }), verified), ['oldTokenizer']);
    // The successors have the same marks and rules of their own.
    assert.deepEqual(trapsOf(headersOf({ ...coder, 'tokenizer.ggml.pre': 'deepseek-llm', 'tokenizer.ggml.tokens': vocabulary(102_400, '<｜fim▁begin｜>') }), verified), []);
  });

  it('ask no rule of a vocabulary that has no byte pairs', () => {
    assert.deepEqual(trapsOf(without('tokenizer.ggml.pre', { ...coder, 'tokenizer.ggml.model': 'llama' }), verified), []);
  });

  it('know a file that keeps the whole attention of a model with a latent one', () => {
    const lite = { ...coder, 'general.architecture': 'deepseek2', 'deepseek2.attention.kv_lora_rank': 512 };
    assert.deepEqual(trapsOf(headersOf(lite), verified), ['fullAttentionCache']);
    assert.deepEqual(trapsOf(headersOf({ ...lite, 'deepseek2.attention.key_length_mla': 192 }), verified), []);
  });

  it('miss what the role of the model needs, and nothing else', () => {
    const base = without('tokenizer.ggml.tokens');
    assert.deepEqual(trapsOf(base, verified), ['noFimTokens']);
    assert.deepEqual(trapsOf(base, { ...verified, roles: ['chat'] }), ['noChatTemplate']);
    assert.deepEqual(trapsOf(headersOf({ ...coder, 'general.name': 'Coder Instruct' }), verified), ['noChatTemplate']);
  });

  it('are those that the catalogue knows of as well, once each', () => {
    assert.deepEqual(trapsOf(without('tokenizer.ggml.pre'), { traps: ['oldTokenizer', 'fullAttentionCache'] }), ['oldTokenizer', 'fullAttentionCache', 'unverified']);
  });

  it('are none in the bundled model, until its fill-in-the-middle tokens are taken away', async () => {
    const calf = fs.readFileSync('models/calf-q8_0.gguf');
    const header = async (bytes: Buffer): ReturnType<typeof readGgufHeader> => readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    assert.deepEqual(trapsOf([await header(calf)], verified), []);
    assert.deepEqual(trapsOf([await header(withoutFim(calf))], { ...verified, roles: ['completion'] }), ['noFimTokens']);
  });
});
