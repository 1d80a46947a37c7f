import assert from 'node:assert/strict';
import { grantableBytes, lendableBytes, lentDevice, type LendingFacts, mayBorrow, offerTo } from '../../../src/engine/pod/core/lending/lending.js';
import type { Device, ShareOptions } from '../../../src/engine/protocol/podTypes.js';

const gibibyte = 1_024 ** 3;
const device = (name: string, kind: 'gpu' | 'cpu', freeBytes: number): Device => ({ name, kind, description: '', memoryBytes: freeBytes, freeBytes, bandwidth: 1, layerOverhead: 0 });
const options: ShareOptions = { memoryLimit: 0, cpu: false, only: [], port: 0, cacheLimit: 0 };
const gpu = device('CUDA0', 'gpu', 20 * gibibyte);
const cpu = device('CPU', 'cpu', 64 * gibibyte);
const facts: LendingFacts = { options, library: true, devices: [cpu, gpu], freeMemory: 30 * gibibyte };
const studio = { fingerprint: 'ab'.repeat(32), name: 'studio' };

describe('what is lent', () => {
  it('is a GPU before the processor, also by consent', () => assert.equal(lentDevice({ options: { ...options, cpu: true }, devices: [cpu, gpu] }), gpu));
  it('is the GPU with the most free memory', () => assert.equal(lentDevice({ options, devices: [device('a', 'gpu', 1), gpu] }), gpu));
  it('is never the processor without consent', () => assert.equal(lentDevice({ options, devices: [cpu] }), null));
  it('is the processor by consent where there is no GPU', () => assert.equal(lentDevice({ options: { ...options, cpu: true }, devices: [cpu] }), cpu));
  it('is nothing without sharing', () => assert.equal(lentDevice({ options: null, devices: [gpu] }), null));

  it('is most of a free GPU', () => assert.equal(lendableBytes(facts), 19 * gibibyte));
  it('leaves a tenth of the free main memory to this machine', () => {
    assert.equal(lendableBytes({ ...facts, options: { ...options, cpu: true }, devices: [cpu] }), 27 * gibibyte);
  });
  it('leaves at least a gibibyte of the main memory', () => {
    assert.equal(lendableBytes({ ...facts, options: { ...options, cpu: true }, devices: [cpu], freeMemory: 5 * gibibyte }), 4 * gibibyte);
    assert.equal(lendableBytes({ ...facts, options: { ...options, cpu: true }, devices: [cpu], freeMemory: gibibyte / 2 }), 0);
  });
  it('is granted too when a little of it has gone since it was offered, but never more than the user allows', () => {
    const shared = { ...facts, options: { ...options, cpu: true }, devices: [cpu] };
    const offered = lendableBytes(shared);
    assert.ok(grantableBytes({ ...shared, freeMemory: 29 * gibibyte }) > offered);
    assert.ok(grantableBytes({ ...shared, freeMemory: 28 * gibibyte }) < offered);
    assert.equal(grantableBytes({ ...shared, options: { ...shared.options, memoryLimit: gibibyte } }), gibibyte);
  });
  it('is within the limit of the user', () => {
    assert.equal(lendableBytes({ ...facts, options: { ...options, memoryLimit: 3 * gibibyte } }), 3 * gibibyte);
    assert.equal(lendableBytes({ ...facts, options: { ...options, memoryLimit: 300 * gibibyte } }), 19 * gibibyte);
  });
});

describe('who may borrow', () => {
  it('is every paired machine where none is named', () => assert.ok(mayBorrow(options, studio)));
  it('is a machine named by its name or its fingerprint', () => {
    assert.ok(mayBorrow({ ...options, only: ['studio'] }, studio));
    assert.ok(mayBorrow({ ...options, only: ['air', studio.fingerprint] }, studio));
    assert.ok(!mayBorrow({ ...options, only: ['air'] }, studio));
  });
});

describe('offer', () => {
  for (const [what, changed, holder, offer] of [
    ['all of it', {}, null, { kind: 'offered', device: 'CUDA0', bytes: 19 * gibibyte }],
    ['that it does not share', { options: null }, null, { kind: 'refused', reason: 'notSharing' }],
    ['that another machine is named, before anything about devices', { options: { ...options, only: ['air'] }, library: false }, 'air', { kind: 'refused', reason: 'notAllowed' }],
    ['that the library is missing', { library: false }, null, { kind: 'refused', reason: 'noLibrary' }],
    ['that there is no device without consent for the processor', { devices: [cpu] }, null, { kind: 'refused', reason: 'noDevice' }],
    ['who holds it', {}, 'air', { kind: 'held', holder: 'air' }],
  ] as const) {
    it(`says ${what}`, () => assert.deepEqual(offerTo(studio, { ...facts, ...(changed as Partial<LendingFacts>) }, holder), offer));
  }
});
