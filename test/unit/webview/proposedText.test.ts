import assert from 'node:assert/strict';
import { proposedText } from '../../../src/webview/host/proposedText.js';
import { attachment } from '../chat/turns.js';

const uri = 'file:///src/add.ts';

/** `|` is the cursor, or the selection between two of them. */
function apply(marked: string, code: string, attachments: Parameters<typeof proposedText>[2] = []): string {
  const start = marked.indexOf('|');
  const text = marked.replaceAll('|', '');
  const end = marked.lastIndexOf('|') === start ? start : marked.lastIndexOf('|') - 1;
  return proposedText({ uri, text, selection: { start, end } }, code, attachments);
}

describe('proposedText', () => {
  const selected = (text: string) => attachment(text, { kind: 'selection', lines: { first: 1, last: 1 } });

  it('replaces the selection that the question was about', () => assert.equal(apply('a\nold\nb|', 'new', [selected('old')]), 'a\nnew\nb'));
  it('finds that selection again after lines were added above', () => assert.equal(apply('x\ny\na\nold\nb|', 'new', [selected('old')]), 'x\ny\na\nnew\nb'));
  it('does not guess when that text stands there twice', () => assert.equal(apply('old\nold\n|', 'new', [selected('old')]), 'old\nold\nnew\n'));
  it('ignores an attachment of another file', () => assert.equal(apply('old|', '!', [{ ...selected('old'), uri: 'file:///other.ts' }]), 'old!'));
  it('replaces the present selection', () => assert.equal(apply('a |b| c', 'B'), 'a B c'));
  it('replaces the whole file when the question had it', () => assert.equal(apply('old\n|', 'new', [attachment('old\n')]), 'new\n'));
  it('goes in at the cursor otherwise', () => assert.equal(apply('a\n|b', 'x\n'), 'a\nx\nb'));
  it('ends a file with a line break where it did before', () => assert.equal(apply('a\n|', 'b'), 'a\nb\n'));
  it('takes on the indentation of what it replaces', () => {
    assert.equal(apply('class A {\n  |old() {}|\n}', 'f() {\n  g();\n}\n'), 'class A {\n  f() {\n    g();\n  }\n}');
  });
  it('keeps the line break at the end of whole selected lines', () => assert.equal(apply('a\n|old\n|b', 'new'), 'a\nnew\nb'));
});
