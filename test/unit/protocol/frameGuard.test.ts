import assert from 'node:assert/strict';
import { FrameGuard } from '../../../src/engine/protocol/frameGuard.js';

const limits = { headerBytes: 64, messageBytes: 100 };
const bytes = (text: string): Uint8Array => Buffer.from(text);
const frame = (body: string, header = ''): string => `${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('frame guard', () => {
  it('follows messages however they are cut', () => {
    const text = frame('{"a":"ü\r\n\r\n"}') + frame('') + frame('x'.repeat(100), 'Content-Type: application/json\r\n');
    for (let size = 1; size < 12; size++) {
      const guard = new FrameGuard(limits);
      const all = bytes(text);
      for (let at = 0; at < all.length; at += size) assert.equal(guard.inspect(all.subarray(at, at + size)), null);
    }
  });

  for (const [name, text, code] of [
    ['a length over the limit', 'Content-Length: 101\r\n\r\n', 'messageTooLarge'],
    ['an absurd length', `Content-Length: ${'9'.repeat(20)}\r\n\r\n`, 'invalidMessage'],
    ['a header without an end', 'Content-Type: '.padEnd(65, 'a'), 'messageTooLarge'],
    ['a length in another notation', 'Content-Length: 0x10\r\n\r\n', 'invalidMessage'],
    ['no length', 'Content-Type: text\r\n\r\n', 'invalidMessage'],
    ['an unknown field', 'Host: a\r\nContent-Length: 1\r\n\r\n', 'invalidMessage'],
    ['an empty header', '\r\n\r\n', 'invalidMessage'],
    ['control characters', 'Content-\u0000Length: 1\r\n\r\n', 'invalidMessage'],
  ] as const) {
    it(`stops at ${name}`, () => assert.equal(new FrameGuard(limits).inspect(bytes(text))?.code, code));
  }

  it('stops at a bad header after good messages', () => {
    assert.equal(new FrameGuard(limits).inspect(bytes(`${frame('{}')}garbage\r\n\r\n`))?.code, 'invalidMessage');
  });

  it('says how large the message would have been', () => {
    assert.deepEqual(new FrameGuard(limits).inspect(bytes('Content-Length: 5000\r\n\r\n')), { code: 'messageTooLarge', bytes: 5_000, limit: 100 });
  });
});
