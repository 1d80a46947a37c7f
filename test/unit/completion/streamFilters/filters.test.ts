import assert from 'node:assert/strict';
import { dropRepeated } from '../../../../src/engine/completion/streamFilters/dropRepeated.js';
import { stopAfterBudget } from '../../../../src/engine/completion/streamFilters/stopAfterBudget.js';
import { type BlockStart, stopAtDedent } from '../../../../src/engine/completion/streamFilters/stopAtDedent.js';
import { stopAtLength } from '../../../../src/engine/completion/streamFilters/stopAtLength.js';
import { stopAtNewline } from '../../../../src/engine/completion/streamFilters/stopAtNewline.js';
import { stopAtLoop, stopAtRepeatedLines } from '../../../../src/engine/completion/streamFilters/stopAtRepetition.js';
import { stopAtSuffix } from '../../../../src/engine/completion/streamFilters/stopAtSuffix.js';
import { stopAtUnbalanced } from '../../../../src/engine/completion/streamFilters/stopAtUnbalanced.js';
import type { StreamFilter } from '../../../../src/engine/completion/streamFilters/streamFilter.js';
import { trimTrailingWhitespace } from '../../../../src/engine/completion/streamFilters/trimTrailingWhitespace.js';
import { collect } from '../../../support/collect.js';
import { filtered } from '../../../support/filtered.js';
import { ManualClock } from '../../../support/manualClock.js';

/** What is shown, what the model says, what is left of it. */
type Golden = readonly [string, string, string];

/** The size of the pieces does not matter: a token may be a character or many. */
function golden(filter: StreamFilter, cases: readonly Golden[]): void {
  for (const [what, said, kept] of cases) {
    it(what, async () => {
      for (const size of [1, 2, 3, 7, 1_000]) assert.equal((await filtered(said, [filter], size)).text, kept, `in pieces of ${size}`);
    });
  }
}

describe('stopAtNewline', () => {
  golden(stopAtNewline(false), [
    ['keeps the first line', 'one;\ntwo;\n', 'one;'],
    ['keeps nothing when the line ends at once', '\ntwo;', ''],
    ['keeps a text without a line end', 'one', 'one'],
  ]);
  describe('at the end of a finished line', () => {
    golden(stopAtNewline(true), [
      ['keeps the next line', '\n  two;\nthree;', '\n  two;'],
      ['keeps a next line after a blank one', '\n\ntwo;\nthree;', '\n\ntwo;'],
      ['keeps the rest of this line alone', ' // note\ntwo;', ' // note'],
      ['gives up after too many blank lines', '\n\n\n\n\ntwo;', '\n\n'],
    ]);
  });
  it('ends the stream as soon as the line is complete', async () => {
    assert.equal((await filtered('one;\ntwo', [stopAtNewline(false)], 1)).stopped, true);
  });
});

describe('stopAtSuffix', () => {
  golden(stopAtSuffix('\n\n  return total;\n}\n'), [
    ['ends before the next line below', 'x += 1;\n  return total;\n}', 'x += 1;\n'],
    ['ends before it also with another indentation', 'x += 1;\nreturn total;\n', 'x += 1;\n'],
    ['takes the blank lines before it away', 'x += 1;\n\n\n  return total;', 'x += 1;\n'],
    ['keeps lines that resemble it', 'x += 1;\n  return totals;\n', 'x += 1;\n  return totals;\n'],
    ['keeps blank lines between others', 'a;\n\nb;\n', 'a;\n\nb;\n'],
    ['does not look at the rest of the cursor\'s line', '  return total;\nx', '  return total;\nx'],
  ]);
  describe('when the next line is a bracket', () => {
    golden(stopAtSuffix('\n}\n'), [
      ['ends before the same bracket', 'x;\n}\n', 'x;\n'],
      ['keeps a bracket that stands deeper', 'if (x) {\n  y;\n  }\n}\n', 'if (x) {\n  y;\n  }\n'],
    ]);
  });
  describe('at the end of the file', () => golden(stopAtSuffix(''), [['keeps everything', 'a\n\n}\n', 'a\n\n}\n']]));
});

describe('stopAtDedent', () => {
  const opener: BlockStart = { indentation: 2, opener: true, closed: false };
  describe('after an opener', () => {
    golden(stopAtDedent(opener), [
      ['keeps the block and its closer', '\n    a;\n    b;\n  }\n  next;', '\n    a;\n    b;\n  }'],
      ['keeps a closer with what belongs to it', '\n    a: 1,\n  });\nnext;', '\n    a: 1,\n  });'],
      ['keeps an else branch', '\n    a;\n  } else {\n    b;\n  }\nx', '\n    a;\n  } else {\n    b;\n  }'],
      ['ends before a line that stands less deep', '\n    a;\n}\n', '\n    a;\n'],
      ['ends before a sibling where indentation makes blocks', '\n    a\n  b\n', '\n    a\n'],
      ['keeps blank lines within', '\n    a;\n\n    b;\n  }', '\n    a;\n\n    b;\n  }'],
      ['keeps a block in the cursor\'s line', ' a; }\n', ' a; }\n'],
    ]);
  });
  describe('when the block is already closed below', () => {
    golden(stopAtDedent({ ...opener, closed: true }), [['leaves the closer out', '\n    a;\n  }\n', '\n    a;\n']]);
  });
  describe('on a blank line', () => {
    golden(stopAtDedent({ indentation: 2, opener: false, closed: false }), [
      ['keeps one statement with its block', 'if (a) {\n    b;\n  }\n  c;', 'if (a) {\n    b;\n  }'],
      ['keeps statements up to a blank line', 'a;\n  b;\n\n  c;', 'a;\n  b;\n'],
      ['ends before the closer of the outer block', 'a;\n}\n', 'a;\n'],
      ['keeps an except branch', 'try:\n    a\n  except E:\n    b\n  c', 'try:\n    a\n  except E:\n    b\n'],
    ]);
    describe('at the start of the line', () => {
      golden(stopAtDedent({ indentation: 0, opener: false, closed: false }), [
        ['takes the indentation that the model gives', '  return x;\n}\n', '  return x;\n'],
        ['keeps one function', 'function f() {\n  a;\n}\n\nfunction g() {}\n', 'function f() {\n  a;\n}'],
      ]);
    });
  });
});

describe('stopAtRepeatedLines', () => {
  golden(stopAtRepeatedLines, [
    ['keeps the first of a line that comes again and again', 'a;\nb;\nb;\nb;\nb;\n', 'a;\nb;\n'],
    ['keeps a line that comes twice', 'a;\na;\nb;\n', 'a;\na;\nb;\n'],
    ['keeps a line that comes twice at the end', 'b;\na;\na;', 'b;\na;\na;'],
    ['keeps blank lines', 'a;\n\n\n\nb;', 'a;\n\n\n\nb;'],
  ]);
});

describe('stopAtLoop', () => {
  it('ends before a line that says the same for ever', async () => {
    const said = `before();\n[${'foo, '.repeat(50)}`;
    for (const size of [1, 5, 13]) assert.deepEqual(await filtered(said, [stopAtLoop], size), { text: 'before();\n', stopped: true });
  });
  golden(stopAtLoop, [
    ['keeps a matrix', '[[0, 0, 1], [0, 1, 0], [1, 0, 0]]', '[[0, 0, 1], [0, 1, 0], [1, 0, 0]]'],
    ['keeps a ruler', '// ----------------------------------------', '// ----------------------------------------'],
    ['keeps deep indentation', `x\n${' '.repeat(40)}y`, `x\n${' '.repeat(40)}y`],
    ['keeps three of a kind', 'foo, foo, foo)', 'foo, foo, foo)'],
  ]);
});

describe('dropRepeated', () => {
  golden(dropRepeated({ above: '  before();\n\n', linePrefix: '  const x', below: '\n\n  const x = 1;\n  next();\n' }), [
    ['drops what would make the line that is there already', ' = 1;', ''],
    ['drops what puts the next line below once more', '\n  const x = 1;\n  y();', ''],
    ['drops what puts the cursor\'s line below once more', '\n  const x\n', ''],
    ['keeps a line that begins like it', ' = 12;', ' = 12;'],
    ['keeps the lines after another one', ' = 2;\n  const x = 1;', ' = 2;\n  const x = 1;'],
  ]);
  describe('on a new line', () => {
    golden(dropRepeated({ above: 'a();\nimport b from "b";\n\n', linePrefix: '', below: '' }), [
      ['drops the line above', 'import b from "b";\n', ''],
      ['keeps a line from further above', 'a();', 'a();'],
    ]);
  });
  describe('beside a bracket', () => {
    golden(dropRepeated({ above: '  }\n', linePrefix: '', below: '\n}\n' }), [['keeps a bracket, which is no text', '}', '}']]);
  });
});

describe('stopAtUnbalanced', () => {
  describe('when the closer stands further right', () => {
    golden(stopAtUnbalanced('call(', ', b);'), [
      ['ends before the closer that is there', 'a)', 'a'],
      ['keeps what the suggestion opens itself', 'f(a)', 'f(a)'],
    ]);
  });
  describe('when the line has more open brackets than are closed', () => {
    golden(stopAtUnbalanced('call([', ' , b)'), [['keeps the closer of the other kind', '1]', '1]']]);
  });
  describe('when the closer is at the cursor', () => golden(stopAtUnbalanced('call(', ')'), [['leaves it to be typed over', 'a)', 'a)']]));
});

describe('trimTrailingWhitespace', () => {
  golden(trimTrailingWhitespace, [
    ['cuts white space at the end', 'a; \n\n  ', 'a;'],
    ['keeps white space within', ' a \n\n b', ' a \n\n b'],
    ['leaves nothing of white space alone', ' \n\t', ''],
  ]);
});

describe('stopAtLength', () => {
  it('ends a line that has grown too long', async () => {
    assert.deepEqual(await filtered('x'.repeat(100), [stopAtLength(10)], 4), { text: 'x'.repeat(12), stopped: true });
  });
});

describe('stopAfterBudget', () => {
  it('ends at the next line end once the time is over', async () => {
    const clock = new ManualClock();
    async function* slow(): AsyncGenerator<string> {
      for (const line of ['a\n', 'b\n', 'c\n', 'd\n']) {
        await clock.advance(40);
        yield line;
      }
    }
    assert.deepEqual(await collect(stopAfterBudget(clock, 100)(slow())), ['a\n', 'b\n', 'c\n']);
  });
});
