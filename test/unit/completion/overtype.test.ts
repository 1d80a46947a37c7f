import assert from 'node:assert/strict';
import { overtype } from '../../../src/engine/completion/overtype.js';

/** What is suggested, what stands right of the cursor, how much of it is replaced. */
const cases: readonly [string, string, number, string][] = [
  ['a, b)', ')', 1, 'the closer that the suggestion brings along'],
  ['a, b);', ');', 2, 'the semicolon after it too'],
  ['a, b)', ');', 1, 'not the semicolon that the suggestion lacks'],
  ['a, b);', ')', 1, 'the closer in the middle of the suggestion'],
  ['a: 1 })', '})', 2, 'two closers'],
  ['a: 1 }', '})', 1, 'the first of two closers'],
  ['bar()', ')', 0, 'not a closer whose opener the suggestion has'],
  ['bar())', ')', 1, 'the closer that is left over'],
  ['hello"', '"', 1, 'a quote'],
  ['hello");', '");', 3, 'a quote and what follows'],
  ['"a", "b"', ']', 0, 'nothing when the suggestion does not close'],
  ['a + b;', ' + b;', 5, 'the rest of the line when the suggestion repeats it'],
  ['a', ' + b;', 0, 'nothing of a rest that the suggestion does not repeat'],
  ['a;', '', 0, 'nothing where nothing is'],
  ['a;', '  ', 0, 'no white space'],
];

describe('overtype', () => {
  for (const [text, right, expected, what] of cases) {
    it(`replaces ${what}: ${text} before ${right}`, () => {
      assert.equal(overtype(text, right), expected);
    });
  }
});
