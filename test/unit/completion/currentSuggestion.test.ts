import assert from 'node:assert/strict';
import { CurrentSuggestion } from '../../../src/engine/completion/currentSuggestion.js';
import { snapshotAt } from '../../support/snapshotAt.js';

const shownAt = 'call(|\nz';
const text = 'a, b);\n  return;';

/** Where the user is now, what of the suggestion is left. */
const cases: readonly [string, string | null, string][] = [
  ['call(|\nz', text, 'everything at the same place'],
  ['call(a, |\nz', 'b);\n  return;', 'the rest of what is typed'],
  ['call(a, b);\n  |\nz', 'return;', 'the rest in the next line'],
  ['call(a, b);\n  return;|\nz', null, 'nothing when all is typed'],
  ['call(x|\nz', null, 'nothing of another way'],
  ['call|\nz', null, 'nothing before its beginning'],
  ['call(a|)\nz', ', b);\n  return;', 'the rest before a closer of the editor'],
  ['call(a| + c\nz', null, 'nothing before other text'],
  ['call(a|\ny', null, 'nothing above other lines'],
];

describe('CurrentSuggestion', () => {
  for (const [marked, expected, what] of cases) {
    it(`shows ${what}`, () => {
      const current = new CurrentSuggestion();
      current.set(snapshotAt(shownAt), text);
      assert.equal(current.rest(snapshotAt(marked)), expected);
    });
  }

  it('shows nothing after it was cleared', () => {
    const current = new CurrentSuggestion();
    current.set(snapshotAt(shownAt), text);
    current.clear();
    assert.equal(current.rest(snapshotAt(shownAt)), null);
  });
});
