import assert from 'node:assert/strict';
import { CompletionsCache } from '../../../src/engine/completion/completionsCache.js';
import { snapshotAt } from '../../support/snapshotAt.js';

/** Where a completion was made and its text, where it is looked up, what is found. */
const cases: readonly [string, string, string, string | null, string][] = [
  ['a = |\nz', 'one()', 'a = |\nz', 'one()', 'the same place'],
  ['a = |\nz', 'one()', 'a = on|\nz', 'e()', 'the prefix grown by the completion'],
  ['a = |\nz', 'one()', 'a = ot|\nz', null, 'the prefix grown by something else'],
  ['a = |\nz', 'one()', 'a =|\nz', null, 'a shorter prefix'],
  ['a = |\nz', 'one()', 'a = |\ny', null, 'another suffix below'],
  ['a = |\nz', 'one()', 'a = |;\nz', null, 'another suffix in the line'],
  ['a = |\nz', 'one()', 'a = one(|)\nz', ')', 'a closer that the editor has put there'],
  ['a = |\nz', 'one()', 'b = |\nz', null, 'another prefix in the line'],
  ['a\nb = |\nz', 'one()', 'c\nb = |\nz', null, 'another prefix above'],
  ['a = |\nz', 'one()', 'a = one()|\nz', null, 'a completion that is typed to its end'],
  ['a = |\nz', '', 'a = |\nz', '', 'a silence'],
  ['a = |\nz', '', 'a = o|\nz', null, 'a place after a silence'],
  ['a {|\nz', '\n  b\n}', 'a {\n  |\nz', 'b\n}', 'a line further on'],
];

describe('CompletionsCache', () => {
  for (const [made, text, asked, expected, what] of cases) {
    it(`${expected === null ? 'returns nothing for' : 'serves'} ${what}`, () => {
      const cache = new CompletionsCache();
      cache.put(snapshotAt(made), text);
      assert.equal(cache.get(snapshotAt(asked)), expected);
    });
  }

  it('returns nothing for another document', () => {
    const cache = new CompletionsCache();
    cache.put(snapshotAt('a|'), 'b');
    assert.equal(cache.get(snapshotAt('a|', { uri: 'file:///other.ts' })), null);
  });

  it('prefers the completion that was made nearest to the cursor', () => {
    const cache = new CompletionsCache();
    cache.put(snapshotAt('a = |'), 'one()');
    cache.put(snapshotAt('a = o|'), 'nly()');
    cache.put(snapshotAt('a = on|'), 'ce()');
    assert.equal(cache.get(snapshotAt('a = on|')), 'ce()');
  });

  it('replaces what it knew about a place', () => {
    const cache = new CompletionsCache();
    cache.put(snapshotAt('a|'), 'old');
    cache.put(snapshotAt('a|'), 'new');
    assert.equal(cache.get(snapshotAt('a|')), 'new');
  });

  it('forgets the least recently used', () => {
    const cache = new CompletionsCache(2);
    cache.put(snapshotAt('a|'), '1');
    cache.put(snapshotAt('b|'), '2');
    cache.get(snapshotAt('a|'));
    cache.put(snapshotAt('c|'), '3');
    assert.deepEqual(['a|', 'b|', 'c|'].map((marked) => cache.get(snapshotAt(marked))), ['1', null, '3']);
  });
});
