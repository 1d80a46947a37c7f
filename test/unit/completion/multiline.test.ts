import assert from 'node:assert/strict';
import { lineMode, type LineMode } from '../../../src/engine/completion/multiline.js';
import { snapshotAt } from '../../support/snapshotAt.js';

/** What the cursor stands in, the language, and what a suggestion there may be. */
const cases: readonly [string, string, LineMode, string][] = [
  ['function f() {|\n', 'typescript', 'multi', 'an open brace'],
  ['function f() {|}', 'typescript', 'multi', 'between braces'],
  ['call({|});', 'typescript', 'multi', 'between brackets that are closed in the line'],
  ['const f = () =>|', 'typescript', 'multi', 'an arrow'],
  ['const list = [|', 'typescript', 'multi', 'an open bracket'],
  ['class A {\n  |\n}', 'typescript', 'multi', 'a blank line'],
  ['const x = |', 'typescript', 'single', 'the middle of a statement'],
  ['if (|) {', 'typescript', 'single', 'a condition'],
  ['  | return x;', 'typescript', 'single', 'text right of the cursor'],
  ['function f() {|\n  return 1;\n}', 'typescript', 'single', 'a block that has a body'],
  ['function f() {|\n\n\n  return 1;\n}', 'typescript', 'single', 'a block that has a body after blank lines'],
  ['const text = "a:|', 'typescript', 'single', 'a colon where braces make blocks'],
  ['def f():|\n', 'python', 'multi', 'a colon where indentation makes blocks'],
  ['def f():|\n    return 1', 'python', 'single', 'a block with a body in Python'],
  ['x = {|', 'python', 'single', 'a brace in Python'],
  ['list.each do |', 'ruby', 'multi', 'do'],
  ['if [ -f x ]; then|', 'shellscript', 'multi', 'then'],
  ['local function f()|', 'lua', 'multi', 'a function head in Lua'],
  ['print(x)|', 'lua', 'single', 'a call in Lua'],
  ['# Title\n\n|', 'markdown', 'single', 'a blank line of prose'],
];

describe('lineMode', () => {
  for (const [marked, languageId, expected, what] of cases) {
    it(`${expected} at ${what}`, () => {
      assert.equal(lineMode(snapshotAt(marked, { languageId }), 'auto'), expected);
    });
  }

  it('obeys the setting', () => {
    assert.equal(lineMode(snapshotAt('function f() {|'), 'never'), 'single');
    assert.equal(lineMode(snapshotAt('const x = |'), 'always'), 'multi');
  });
});
