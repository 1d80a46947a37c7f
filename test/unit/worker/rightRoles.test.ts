import assert from 'node:assert/strict';
import type { LoadParams } from '../../../src/engine/protocol/workerMessages.js';
import { rightRoles } from '../../../src/engine/worker/rightRoles.js';
import { isFailure } from '../../support/failures.js';
import { headersOf, vocabulary } from '../../support/headers.js';
import { calf } from '../../support/workerProcess.js';

const fim = { 'tokenizer.ggml.tokens': vocabulary(32_256, '<｜fim▁begin｜>') };
const context = { contextSize: 512, slots: 1 };
const both: LoadParams = { model: { ...calf, path: '/models/some.gguf' }, completion: context, chat: context, remote: null };
const instruct = { headers: headersOf({ 'general.name': 'Coder Instruct', ...fim }) };
const base = { headers: headersOf({ 'general.name': 'Coder Base', ...fim }) };

describe('the right roles of a model', () => {
  it('leave the wrong one out where another was asked for', () => {
    assert.deepEqual(rightRoles(both, instruct), { params: { ...both, completion: null }, wrongRole: 'completion' });
    assert.deepEqual(rightRoles(both, base), { params: { ...both, chat: null }, wrongRole: 'chat' });
  });

  it('refuse an instruct model for completion and a base model for chat, by name', () => {
    assert.throws(() => rightRoles({ ...both, chat: null }, instruct), isFailure('wrongRole'));
    assert.throws(() => rightRoles({ ...both, completion: null }, base), isFailure('wrongRole'));
  });

  it('are untouched where they are right', () => {
    assert.deepEqual(rightRoles({ ...both, completion: null }, instruct), { params: { ...both, completion: null }, wrongRole: null });
    assert.deepEqual(rightRoles(both, { headers: headersOf({ ...fim, 'tokenizer.chat_template': 'x' }) }), { params: both, wrongRole: null });
  });

  it('take the catalogue\'s word for a file that it knows, whatever the header says', () => {
    const known = { ...both, model: { ...calf, path: '/models/DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf' } };
    assert.equal(rightRoles(known, base).wrongRole, 'completion');
  });

  it('leave it to the request to say that a vocabulary cannot fill in the middle', () => {
    assert.equal(rightRoles(both, { headers: headersOf({ 'tokenizer.chat_template': 'x' }) }).wrongRole, null);
  });
});
