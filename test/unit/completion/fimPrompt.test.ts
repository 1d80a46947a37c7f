import assert from 'node:assert/strict';
import { contextWindow, prefixLines, suffixLines } from '../../../src/engine/completion/contextWindow.js';
import { fimPrompt } from '../../../src/engine/completion/fimPrompt.js';
import { snapshotAt } from '../../support/snapshotAt.js';

const lines = (count: number, from = 0): string => Array.from({ length: count }, (_, index) => `line ${from + index};\n`).join('');

describe('fimPrompt', () => {
  it('puts the cursor\'s line left of the cursor into the tail, right of it into the suffix', () => {
    const prompt = fimPrompt(snapshotAt('a\nb |c\nd'), []);
    assert.deepEqual(prompt, { context: [], prefix: 'a\n', suffix: 'c\nd', tail: 'b ' });
  });

  it('heads every chunk with its path and ends it with a line end', () => {
    const prompt = fimPrompt(snapshotAt('|'), [
      { uri: 'file:///a.ts', path: 'src/a.ts', text: 'one\n' },
      { uri: 'file:///b.ts', path: 'src/b.ts', text: 'two' },
    ]);
    assert.deepEqual(prompt.context, ['#src/a.ts\none\n', '#src/b.ts\ntwo\n']);
  });

  it('changes its tail alone while a line is typed', () => {
    const typed = ['', 'c', 'co', 'con', 'const x = f('].map((tail) => fimPrompt(snapshotAt(`${lines(400)}${tail}|\n${lines(100)}`), []));
    for (const prompt of typed) assert.deepEqual({ ...prompt, tail: '' }, { ...typed[0], tail: '' });
  });

  it('cuts a prefix of long lines at a line start that stays while the text grows', () => {
    const long = `${'x'.repeat(300)}\n`.repeat(100);
    const before = fimPrompt(snapshotAt(`${long}|`), []).prefix;
    const after = fimPrompt(snapshotAt(`${long}const y = 1;\n|`), []).prefix;
    assert.ok(before.length <= 16_384 && before.startsWith('xxx'));
    assert.equal(after, `${before}const y = 1;\n`);
  });

  it('cuts a long suffix at a line end', () => {
    const { suffix } = fimPrompt(snapshotAt(`|\n${`${'y'.repeat(500)}\n`.repeat(20)}`), []);
    assert.ok(suffix.length <= 4_096);
    assert.ok(suffix.endsWith('yyy'));
    assert.equal(suffix.split('\n').slice(1).every((line) => line.length === 500), true);
  });
});

describe('contextWindow', () => {
  it('has the whole of a short file', () => {
    assert.deepEqual(contextWindow(3, 10), { firstLine: 0, endLine: 10 });
  });

  it('never has more lines than the limits, nor far fewer', () => {
    for (let line = 300; line < 900; line++) {
      const { firstLine, endLine } = contextWindow(line, 2_000);
      assert.ok(line - firstLine <= prefixLines && line - firstLine > prefixLines - 64, `line ${line}`);
      assert.equal(endLine, line + 1 + suffixLines);
    }
  });

  it('moves its start once in 64 lines', () => {
    const starts = new Set(Array.from({ length: 640 }, (_, index) => contextWindow(1_000 + index, 5_000).firstLine));
    assert.ok(starts.size <= 11);
  });
});
