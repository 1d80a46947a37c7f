import assert from 'node:assert/strict';
import { answerBytes, answerHeadBytes, decodeAnswer, decodeRequest, encodeAnswer, encodeRequest, mostAnswerBytes, requestBytes } from '../../../src/engine/pod/core/files/fileWire.js';

const sha256 = '00ff10a5'.repeat(8);

describe('the wire for files between machines', () => {
  it('a request is 48 bytes and is read as it was written', () => {
    const request = { sha256, offset: 5_000_000_001, length: 2 ** 53 - 1 };
    const bytes = encodeRequest(request);
    assert.equal(bytes.length, requestBytes);
    assert.equal(Buffer.from(bytes.subarray(0, 32)).toString('hex'), sha256);
    assert.deepEqual(decodeRequest(bytes), request);
  });

  it('every 48 bytes are a request, and none makes an answer longer than the file or the bound', () => {
    const worst = decodeRequest(new Uint8Array(requestBytes).fill(0xff));
    assert.equal(answerBytes(worst, 1_000), 0);
    assert.equal(answerBytes({ ...worst, offset: 0 }, 2 ** 50), mostAnswerBytes);
  });

  for (const [offset, length, expected] of [
    [0, 100, 100],
    [0, 101, 100],
    [99, 5, 1],
    [100, 5, 0],
    [101, 5, 0],
    [50, 0, 0],
  ] as const) {
    it(`of 100 bytes, ${length} from ${offset} on are ${expected}`, () => assert.equal(answerBytes({ offset, length }, 100), expected));
  }

  for (const answer of [{ kind: 'given', fileBytes: 404_000_000_000 }, ...(['unknownFile', 'notAllowed', 'busy', 'unreadable'] as const).map((reason) => ({ kind: 'refused', reason }) as const)] as const) {
    it(`the answer ${answer.kind === 'given' ? 'with the size' : answer.reason} is read as it was written`, () => {
      const bytes = encodeAnswer(answer);
      assert.equal(bytes.length, answerHeadBytes);
      assert.deepEqual(decodeAnswer(bytes), answer);
    });
  }

  it('what is no answer is none: an unknown first byte, a size above 2^53', () => {
    for (const first of [0, 6, 255]) assert.equal(decodeAnswer(Uint8Array.of(first, 0, 0, 0, 0, 0, 0, 0, 0)), null);
    assert.equal(decodeAnswer(Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255, 255)), null);
  });
});
