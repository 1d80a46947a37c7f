import assert from 'node:assert/strict';
import { StrangerGate } from '../../../src/engine/pod/net/peers/strangerGate.js';

describe('StrangerGate', () => {
  it('has so many places for an address, and so many in all', () => {
    const gate = new StrangerGate({ total: 5, perAddress: 2 });
    const entered = ['a', 'a', 'a', 'b', 'b', 'c', 'd'].map((address) => gate.enter(address) !== null);
    assert.deepEqual(entered, [true, true, false, true, true, true, false]);
  });

  it('gives a place that is left to the next, once however often it is left', () => {
    const gate = new StrangerGate({ total: 2, perAddress: 1 });
    const place = gate.enter('a');
    assert.equal(gate.enter('a'), null);
    place?.dispose();
    place?.dispose();
    assert.notEqual(gate.enter('a'), null);
    assert.notEqual(gate.enter('b'), null);
    assert.equal(gate.enter('c'), null);
  });
});
