import assert from 'node:assert/strict';
import { judgeMemory, type MachineMemory } from '../../../../src/engine/models/memory/memoryVerdict.js';

const gib = 2 ** 30;

describe('memory verdict', () => {
  const machine: MachineMemory = { ramTotal: 16 * gib, ramAvailable: 8 * gib, vramAvailable: 0, unified: false };
  const unmapped = { mappedBytes: 0, budgetBytes: Infinity };
  const mapped = { mappedBytes: 10 * gib, budgetBytes: Infinity };
  const estimate = { weights: 10 * gib, kvCache: gib, compute: gib };

  it('lets mapped weights use all of the main memory, and others what is available', () => {
    assert.equal(judgeMemory(estimate, machine, mapped).fits, true);
    assert.deepEqual(judgeMemory(estimate, machine, unmapped), { fits: false, requiredBytes: 12 * gib, availableBytes: 8 * gib });
  });

  it('refuses a mapped model that is larger than the main memory', () => {
    assert.deepEqual(judgeMemory({ ...estimate, weights: 20 * gib }, machine, { ...mapped, mappedBytes: 20 * gib }), { fits: false, requiredBytes: 22 * gib, availableBytes: 16 * gib });
  });

  it('refuses a context that is larger than what is available, also with mapped weights', () => {
    assert.deepEqual(judgeMemory({ ...estimate, kvCache: 9 * gib }, machine, mapped), { fits: false, requiredBytes: 10 * gib, availableBytes: 8 * gib });
  });

  it('adds the memory of a GPU, except where it is the same memory', () => {
    const gpu = { ...machine, vramAvailable: 6 * gib };
    assert.equal(judgeMemory(estimate, gpu, unmapped).availableBytes, 14 * gib);
    assert.equal(judgeMemory(estimate, { ...gpu, unified: true }, unmapped).availableBytes, 8 * gib);
  });

  it('lets rearranged weights use no more than what is available', () => {
    assert.deepEqual(judgeMemory(estimate, machine, { ...mapped, mappedBytes: 2 * gib }), { fits: false, requiredBytes: 10 * gib, availableBytes: 8 * gib });
  });

  it('keeps within the budget, whatever the machine has', () => {
    assert.equal(judgeMemory(estimate, machine, { ...mapped, budgetBytes: 12 * gib }).fits, true);
    assert.deepEqual(judgeMemory(estimate, machine, { ...mapped, budgetBytes: 11 * gib }), { fits: false, requiredBytes: 12 * gib, availableBytes: 11 * gib });
  });
});
