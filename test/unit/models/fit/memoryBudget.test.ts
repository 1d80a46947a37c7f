import assert from 'node:assert/strict';
import { memoryBudget } from '../../../../src/engine/models/fit/memoryBudget.js';

const gib = 2 ** 30;
const machine = { ramTotal: 16 * gib, ramAvailable: 10 * gib, gpu: null };

describe('memory for models', () => {
  it('leaves what others hold, and a tenth of the rest', () => {
    assert.deepEqual(memoryBudget(machine, 0, 0), { availableBytes: 9 * gib, reserveBytes: 7 * gib });
  });

  it('leaves no more than two gigabytes beside what others hold', () => {
    assert.equal(memoryBudget({ ...machine, ramTotal: 512 * gib, ramAvailable: 500 * gib }, 0, 0).availableBytes, 498 * gib);
  });

  it('counts what a loaded model holds, which a new one replaces', () => {
    assert.equal(memoryBudget(machine, 5 * gib, 0).availableBytes, 13.5 * gib);
    assert.equal(memoryBudget(machine, 50 * gib, 0).availableBytes, Math.ceil(14.4 * gib));
  });

  it('is never more than the user allows', () => {
    assert.equal(memoryBudget(machine, 0, 4 * gib).availableBytes, 4 * gib);
    assert.equal(memoryBudget(machine, 0, 40 * gib).availableBytes, 9 * gib);
  });

  it('adds a GPU’s own memory, and is limited by the part of the main memory that a unified one can use', () => {
    assert.equal(memoryBudget({ ...machine, gpu: { total: 20 * gib, unified: false } }, 0, 0).availableBytes, 28 * gib);
    assert.equal(memoryBudget({ ...machine, gpu: { total: 8 * gib, unified: true } }, 0, 0).availableBytes, Math.floor(7.6 * gib));
  });
});
