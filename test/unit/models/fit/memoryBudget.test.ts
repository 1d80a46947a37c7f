import assert from 'node:assert/strict';
import { emptyRoom, type LoadedNow, memoryBudget, roomFor } from '../../../../src/engine/models/fit/memoryBudget.js';

const gib = 2 ** 30;
const machine = { ramTotal: 16 * gib, ramAvailable: 10 * gib, gpu: null };
const replaced = (replacedBytes: number) => ({ ...emptyRoom, replacedBytes });
const limited = (limitBytes: number) => ({ ...emptyRoom, limitBytes });

describe('memory for models', () => {
  it('leaves what others hold, and a tenth of the rest', () => {
    assert.deepEqual(memoryBudget(machine, emptyRoom), { availableBytes: 9 * gib, reserveBytes: 7 * gib });
  });

  it('leaves no more than two gigabytes beside what others hold', () => {
    assert.equal(memoryBudget({ ...machine, ramTotal: 512 * gib, ramAvailable: 500 * gib }, emptyRoom).availableBytes, 498 * gib);
  });

  it('counts what a loaded model holds, which a new one replaces', () => {
    assert.equal(memoryBudget(machine, replaced(5 * gib)).availableBytes, 13.5 * gib);
    assert.equal(memoryBudget(machine, replaced(50 * gib)).availableBytes, Math.ceil(14.4 * gib));
  });

  it('is never more than the user allows, and never less than nothing', () => {
    assert.equal(memoryBudget(machine, limited(4 * gib)).availableBytes, 4 * gib);
    assert.equal(memoryBudget(machine, limited(40 * gib)).availableBytes, 9 * gib);
    assert.equal(memoryBudget(machine, limited(-gib)).availableBytes, 0);
  });

  it('leaves what others are going to take', () => {
    assert.equal(memoryBudget(machine, { ...emptyRoom, pendingBytes: 2 * gib }).availableBytes, 7 * gib);
    assert.equal(memoryBudget(machine, { ...emptyRoom, pendingBytes: 20 * gib }).availableBytes, 0);
  });

  it('adds a GPU’s own memory, and is limited by the part of the main memory that a unified one can use', () => {
    assert.equal(memoryBudget({ ...machine, gpu: { total: 20 * gib, unified: false } }, emptyRoom).availableBytes, 28 * gib);
    assert.equal(memoryBudget({ ...machine, gpu: { total: 8 * gib, unified: true } }, emptyRoom).availableBytes, Math.floor(7.6 * gib));
  });

  it('has of a GPU what others do not keep of it', () => {
    const kept = { ...emptyRoom, gpuBytes: 5 * gib };
    assert.equal(memoryBudget({ ...machine, gpu: { total: 20 * gib, unified: false } }, kept).availableBytes, 23 * gib);
    assert.equal(memoryBudget({ ...machine, gpu: { total: 8 * gib, unified: true } }, kept).availableBytes, Math.floor(7.6 * gib) - 5 * gib);
    assert.equal(memoryBudget({ ...machine, gpu: { total: 4 * gib, unified: true } }, kept).availableBytes, 0);
  });
});

describe('room for a model', () => {
  const beside: LoadedNow = { replacedBytes: 1, beside: { path: '/other.gguf', mainBytes: 10, gpuBytes: 20, budgetBytes: 40, pendingBytes: 0 } };

  it('is all of the budget where nothing stays', () => {
    assert.deepEqual(roomFor('/a.gguf', { replacedBytes: 7, beside: null }, 100), { replacedBytes: 7, gpuBytes: 0, pendingBytes: 0, limitBytes: 100 });
  });

  it('is what the model of the other role leaves', () => {
    assert.deepEqual(roomFor('/a.gguf', beside, 100), { replacedBytes: 1, gpuBytes: 20, pendingBytes: 0, limitBytes: 60 });
    assert.deepEqual(roomFor(null, beside, 30), { replacedBytes: 1, gpuBytes: 20, pendingBytes: 0, limitBytes: -10 });
    assert.equal(roomFor(null, beside, Infinity).limitBytes, Infinity);
  });

  it('counts the model of the other role as its own where it is the same file', () => {
    assert.deepEqual(roomFor('/other.gguf', beside, 100), { replacedBytes: 11, gpuBytes: 0, pendingBytes: 0, limitBytes: 100 });
  });
});
