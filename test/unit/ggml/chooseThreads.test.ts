import assert from 'node:assert/strict';
import { chooseThreads } from '../../../src/engine/ggml/chooseThreads.js';

const megabyte = 1_024 * 1_024;
const facts = { requested: 0, cores: 4, keepsThreads: true, processorBytes: 230 * megabyte };

describe('threads of a context', () => {
  it('are what the user asks for', () => {
    assert.equal(chooseThreads({ ...facts, requested: 7 }), 7);
  });

  it('leave a core to the editor', () => {
    assert.equal(chooseThreads(facts), 3);
  });

  it('are at least one', () => {
    assert.equal(chooseThreads({ ...facts, cores: 1 }), 1);
    assert.equal(chooseThreads({ ...facts, cores: 1, keepsThreads: false }), 1);
  });

  it('are half of the cores when each step starts them anew', () => {
    assert.equal(chooseThreads({ ...facts, keepsThreads: false }), 2);
  });

  it('are one for a small model', () => {
    assert.equal(chooseThreads({ ...facts, processorBytes: 12 * megabyte }), 1);
    assert.equal(chooseThreads({ ...facts, keepsThreads: false, processorBytes: 12 * megabyte }), 1);
  });

  it('are no more than fill the memory bus', () => {
    assert.equal(chooseThreads({ ...facts, cores: 64 }), 8);
  });
});
