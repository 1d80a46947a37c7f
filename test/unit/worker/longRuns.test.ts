import assert from 'node:assert/strict';
import { cutLongRuns } from '../../../src/engine/worker/longRuns.js';

describe('long runs', () => {
  it('are not in real text: it stays whole', () => {
    const text = 'const answer = compute(1, 2);\n    // 答え: あ, café 😀\n'.repeat(1_000);
    assert.deepEqual(cutLongRuns(text), [text]);
    assert.deepEqual(cutLongRuns(''), ['']);
  });

  for (const kind of ['a', '漢', 'é', '7', ' ', '\n', '=', '😀', '\0', '\uD800', 'aB', '=-', ' \t']) {
    it(`of ${JSON.stringify(kind)} are cut into pieces of whole characters`, () => {
      const text = `x = ${kind.repeat(5_000)};\n`;
      const pieces = cutLongRuns(text);
      assert.equal(pieces.join(''), text);
      assert.ok(Math.max(...pieces.map((piece) => Array.from(piece).length)) <= 600, String(pieces.map(({ length }) => length)));
      if (kind !== '\uD800') for (const piece of pieces) assert.equal(Buffer.from(piece).toString(), piece);
    });
  }

  it('are cut at the same places when the text grows', () => {
    const text = `a\n${'='.repeat(1_000)}`;
    const pieces = cutLongRuns(text);
    assert.deepEqual(cutLongRuns(`${text}=====\nmore`).slice(0, pieces.length - 1), pieces.slice(0, -1));
  });
});
