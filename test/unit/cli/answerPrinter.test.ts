import assert from 'node:assert/strict';
import { AnswerPrinter } from '../../../src/cli/answerPrinter.js';
import { ProgressLine } from '../../../src/cli/progressLine.js';

class Stream {
  text = '';
  constructor(readonly isTTY: boolean) {}
  write(text: string): void {
    this.text += text;
  }
}

const escape = '\u001B';

function print(out: Stream, info: Stream, ...texts: string[]): void {
  const printer = new AnswerPrinter(out, info);
  for (const text of texts) printer.event({ kind: 'text', text, tokens: [1] });
  printer.end();
  printer.end();
}

describe('printed answer', () => {
  it('a redirected answer is the answer alone, without escape codes', () => {
    const out = new Stream(false);
    const info = new Stream(false);
    print(out, info, '<think>Add', ' them.\n', '</th', 'ink>\n\nIt is `a', ' + b`.');
    assert.equal(out.text, 'It is `a + b`.\n');
    assert.equal(info.text, 'Add them.\n\n');
  });

  it('a terminal shows the thought faintly and without its tags', () => {
    const info = new Stream(true);
    print(new Stream(true), info, '<think>Add.</think>Done.');
    assert.equal(info.text, `${escape}[2mAdd.${escape}[22m\n\n`);
  });

  it('a model does not command the terminal; a file gets what it wrote', () => {
    const [terminal, thoughts, file] = [new Stream(true), new Stream(true), new Stream(false)];
    const answer = `<think>a${escape}[2J</think>${escape}]52;c;eA==\u0007b\n`;
    print(terminal, thoughts, answer);
    print(file, new Stream(true), answer);
    assert.equal(terminal.text, ' ]52;c;eA== b\n');
    assert.equal(thoughts.text, `${escape}[2ma [2J${escape}[22m\n\n`);
    assert.equal(file.text, `${escape}]52;c;eA==\u0007b\n`);
  });

  it('an answer that ends its line gets no second end', () => {
    const out = new Stream(false);
    print(out, new Stream(false), 'Done.\n');
    assert.equal(out.text, 'Done.\n');
  });

  it('an answer that is cut off in a thought keeps what was said', () => {
    const info = new Stream(false);
    const out = new Stream(false);
    print(out, info, '<think>So far');
    assert.equal(info.text, 'So far\n\n');
    assert.equal(out.text, '');
  });
});

describe('progress line', () => {
  it('replaces itself on a terminal and is gone at the end', () => {
    const info = new Stream(true);
    const line = new ProgressLine(info);
    line.state({ state: 'loading', progress: 0.5 });
    line.state({ state: 'loading', progress: 0.5 });
    line.end();
    line.show('late');
    assert.match(info.text, /50 %/);
    assert.equal(info.text.split('\r').length, 3);
    assert.ok(info.text.endsWith(`\r${escape}[2K`));
  });

  it('is one plain line per state elsewhere', () => {
    const info = new Stream(false);
    const line = new ProgressLine(info);
    for (const progress of [0, 0.3, 0.9]) line.state({ state: 'loading', progress });
    line.end();
    assert.equal(info.text, 'Loading the model…\n');
  });
});
