import assert from 'node:assert/strict';
import { hasGained, stillThere } from '../../../src/engine/pod/core/state/lenders.js';

const set = (...names: string[]): ReadonlySet<string> => new Set(names);

describe('who would lend', () => {
  it('somebody new is a gain, somebody less is not', () => {
    assert.equal(hasGained(set('a'), set('a', 'b')), true);
    assert.equal(hasGained(set('a', 'b'), set('a')), false);
    assert.equal(hasGained(set(), set()), false);
  });

  it('who leaves and comes back is new', () => {
    const seen = stillThere(set('a', 'b'), set('b'));
    assert.equal(hasGained(seen, set('a', 'b')), true);
  });
});
