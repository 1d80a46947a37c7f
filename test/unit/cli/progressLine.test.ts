import assert from 'node:assert/strict';
import { ProgressLine } from '../../../src/cli/progressLine.js';

describe('the last line of a terminal', () => {
  const line = '45 % · 34 MB/s';

  function shown(columns?: number): string {
    let written = '';
    new ProgressLine({ isTTY: true, ...(columns === undefined ? {} : { columns }), write: (part) => (written += part) }).show(line);
    return written;
  }

  it('is cut where the next line would begin', () => {
    assert.ok(shown(10).includes('45 % · 3…'));
    assert.ok(!shown(10).includes('45 % · 34'));
    assert.ok(shown(15).includes(line));
  });

  it('is whole where the terminal does not know its width', () => {
    assert.ok(shown().includes(line));
    assert.ok(shown(0).includes(line));
  });
});
