import assert from 'node:assert/strict';
import { linePieces } from '../../../src/engine/worker/linePieces.js';

describe('linePieces', () => {
  it('end where a line ends, if there is one', () => {
    assert.deepEqual([...linePieces('one\ntwo\nthree', 6)], ['one\n', 'two\n', 'three']);
    assert.deepEqual([...linePieces('without', 3)], ['wit', 'hou', 't']);
    assert.deepEqual([...linePieces('', 3)], []);
  });
});
