import assert from 'node:assert/strict';
import { useOf, waitingModel } from '../../../src/engine/daemon/optionsOfRoles.js';
import { usualUse } from '../../../src/engine/models/fit/modelNeeds.js';
import type { EngineStatus } from '../../../src/engine/protocol/engineTypes.js';
import { optionsFor } from '../../support/testClient.js';
import { calf } from '../../support/workerProcess.js';

const completion = { model: { ...calf, path: '/m/small.gguf', batchSize: 64, kvType: 'f16' as const }, contextSize: 1_024, slots: 3 };
const options = optionsFor(calf, { completion });
const unloaded: EngineStatus = { completion: { state: 'unloaded' }, chat: { state: 'unloaded' } };

describe('how a role uses its model', () => {
  it('is what its options say', () => {
    assert.deepEqual(useOf(options, 'completion'), { slots: 3, batchSize: 64, kvType: 'f16' });
  });

  it('is that of the role that is on where none is named, and the usual one before there are options', () => {
    assert.deepEqual(useOf({ ...options, chat: null }, null), { slots: 3, batchSize: 64, kvType: 'f16' });
    assert.deepEqual(useOf({ ...options, chat: null }, 'chat'), { slots: 3, batchSize: 64, kvType: 'f16' });
    assert.equal(useOf(null, 'chat'), usualUse);
  });
});

describe('a model that waits beside', () => {
  it('is the other role’s, with its own context', () => {
    assert.deepEqual(waitingModel(unloaded, options, 'chat'), { path: '/m/small.gguf', contextSize: 1_024, use: { slots: 3, batchSize: 64, kvType: 'f16' } });
  });

  it('waits until it is loaded', () => {
    assert.notEqual(waitingModel({ ...unloaded, completion: { state: 'loading', progress: 0 } }, options, 'chat'), null);
  });

  it('is none where no role is named, where the other is off, and where its model does not wait', () => {
    assert.equal(waitingModel(unloaded, options, null), null);
    assert.equal(waitingModel(unloaded, { ...options, completion: null }, 'chat'), null);
    assert.equal(waitingModel({ ...unloaded, completion: { state: 'error', failure: { code: 'modelNotFound', path: '/m/small.gguf' } } }, options, 'chat'), null);
  });

  it('is none where the chat is meant for the pod', () => {
    assert.notEqual(waitingModel(unloaded, options, 'completion'), null);
    assert.equal(waitingModel(unloaded, { ...options, pod: completion }, 'completion'), null);
  });
});
