import assert from 'node:assert/strict';
import { hasFimTokens } from '../../../../src/engine/models/gguf/fimTokens.js';
import { rolesOf } from '../../../../src/engine/models/gguf/roles.js';
import type { ModelRole } from '../../../../src/engine/protocol/modelTypes.js';
import { headersOf, vocabulary } from '../../../support/headers.js';

const fim = { 'tokenizer.ggml.tokens': vocabulary(32_256, '<｜fim▁begin｜>') };
const template = { 'tokenizer.chat_template': "{{ '<｜User｜>' + message.content }}" };
const thinking = { 'tokenizer.chat_template': "{% if '</think>' in content %}{% endif %}" };

describe('roles of a model', () => {
  const cases: readonly [string, Parameters<typeof headersOf>[0], string, readonly ModelRole[]][] = [
    ['an instruct model is for chat, also with fill-in-the-middle tokens', { 'general.name': 'Deepseek Coder 6.7B Instruct', ...fim, ...template }, 'model.gguf', ['chat']],
    ['a base model is for completion, also with a chat template', { 'general.name': 'DeepSeek Coder V2 Lite Base', ...fim, ...template }, 'model.gguf', ['completion']],
    ['a distilled model reasons, also with the tokens of its base', { ...fim, ...thinking }, 'DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf', ['reasoning']],
    ['the name in the file counts when the file was renamed', { 'general.name': 'QwQ 32B', ...thinking }, 'a.gguf', ['reasoning']],
    ['the file\'s name counts when the file has none', fim, 'starcoder2-3b-instruct-Q4.gguf', ['chat']],
    ['a model with both abilities and a plain name is for both', { 'general.name': 'Calf', ...fim, ...template }, 'calf-q8_0.gguf', ['completion', 'chat']],
    ['one with fill-in-the-middle alone is for completion', { 'general.name': 'StarCoder2 3B', ...fim }, 'starcoder2-3b.gguf', ['completion']],
    ['one with a template alone is for chat', template, 'vicuna.gguf', ['chat']],
    ['one whose template knows of thoughts reasons too', { 'general.name': 'Qwen3 8B', ...thinking }, 'qwen3-8b.gguf', ['chat', 'reasoning']],
    ['an instruct model whose template knows of thoughts reasons too', { 'general.name': 'Hybrid Instruct', ...thinking }, 'a.gguf', ['chat', 'reasoning']],
    ['one without any sign is for chat', {}, 'model.gguf', ['chat']],
    ['a word within another says nothing', { 'general.name': 'Basement Chatterbox', ...fim }, 'italic.gguf', ['completion']],
  ];
  for (const [name, metadata, file, roles] of cases) {
    it(name, () => assert.deepEqual(rolesOf(headersOf(metadata), file), roles));
  }

  it('are those of the catalogue where the model is in it', () => {
    assert.deepEqual(rolesOf(headersOf({ 'general.name': 'Something Instruct', ...template }), 'a.gguf', { roles: ['completion'] }), ['completion']);
  });

  it('survive metadata of other types', () => {
    assert.deepEqual(rolesOf(headersOf({ 'general.name': 7, 'tokenizer.chat_template': true, 'tokenizer.ggml.tokens': 'x' }), 'a.gguf'), ['chat']);
    assert.deepEqual(rolesOf([], ''), ['chat']);
  });
});

describe('fill-in-the-middle tokens', () => {
  it('are there by the key of their number, or by their text in the vocabulary', () => {
    const has = (metadata: Parameters<typeof headersOf>[0]): boolean => hasFimTokens(headersOf(metadata)[0]?.metadata ?? new Map());
    assert.ok(has({ 'tokenizer.ggml.fim_pre_token_id': 6_138 }));
    assert.ok(has({ 'tokenizer.ggml.prefix_token_id': 4 }));
    for (const mark of ['<｜fim▁begin｜>', '<|fim_prefix|>', '<fim_prefix>', '▁<PRE>']) assert.ok(has({ 'tokenizer.ggml.tokens': vocabulary(9, mark) }), mark);
    assert.equal(has({ 'tokenizer.ggml.tokens': vocabulary(9, '<s>', '<|im_start|>') }), false);
    assert.equal(has({ 'tokenizer.ggml.fim_pre_token_id': 'six' }), false);
  });
});
