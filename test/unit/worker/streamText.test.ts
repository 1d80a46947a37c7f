import assert from 'node:assert/strict';
import { StopTextFilter } from '../../../src/engine/worker/stopTexts.js';
import { TokenTextDecoder } from '../../../src/engine/worker/tokenText.js';

/** Every token is one byte: the hardest vocabulary. */
const byteText = (tokens: readonly number[]): string => Buffer.from(tokens).toString('utf8');

describe('TokenTextDecoder', () => {
  const decode = (bytes: Uint8Array): { texts: string[]; tokens: number[] } => {
    const decoder = new TokenTextDecoder(byteText, []);
    const pieces = [...[...bytes].map((byte) => decoder.push(byte)), decoder.end()].filter((piece) => piece !== null);
    return { texts: pieces.map((piece) => piece.text), tokens: pieces.flatMap((piece) => piece.tokens) };
  };

  it('gives only whole characters, with all tokens that make them', () => {
    const text = 'aé漢😀z';
    const { texts, tokens } = decode(Buffer.from(text));
    assert.deepEqual(texts, ['a', 'é', '漢', '😀', 'z']);
    assert.deepEqual(tokens, [...Buffer.from(text)]);
  });

  it('gives what is still incomplete at the end, so that no token is lost', () => {
    const { texts, tokens } = decode(Buffer.from('😀').subarray(0, 2));
    assert.equal(texts.length, 1);
    assert.deepEqual(tokens, [0xf0, 0x9f]);
  });

  it('does not hold back bytes for ever that never become a character', () => {
    const { texts, tokens } = decode(Buffer.alloc(40, 0xff));
    assert.ok(texts.length >= 5);
    assert.equal(tokens.length, 40);
  });

  it('hands on what stands to the left', () => {
    const seen: (readonly number[])[] = [];
    const decoder = new TokenTextDecoder((tokens, before) => {
      seen.push(before);
      return String(tokens);
    }, [1, 2]);
    decoder.push(3);
    decoder.push(4);
    assert.deepEqual(seen, [[1, 2], [1, 2, 3]]);
  });
});

describe('StopTextFilter', () => {
  const run = (stops: readonly string[], texts: readonly string[]): { text: string; stopped: boolean; tokens: number } => {
    const filter = new StopTextFilter(stops);
    let text = '';
    let tokens = 0;
    for (const [index, part] of texts.entries()) {
      const { piece, stopped } = filter.push({ text: part, tokens: [index] });
      text += piece?.text ?? '';
      tokens += piece?.tokens.length ?? 0;
      if (stopped) return { text, stopped, tokens };
    }
    const rest = filter.end();
    return { text: text + (rest?.text ?? ''), stopped: false, tokens: tokens + (rest?.tokens.length ?? 0) };
  };

  it('ends before a stop text, also one that comes in pieces', () => {
    assert.deepEqual(run(['\n### Human'], ['Hello', '\n##', '# Hu', 'man: more']), { text: 'Hello', stopped: true, tokens: 1 });
    assert.deepEqual(run(['END'], ['so it is EN', 'D and more']), { text: 'so it is ', stopped: true, tokens: 2 });
  });

  it('takes the first of several stop texts', () => {
    assert.deepEqual(run(['xx', 'b'], ['a b xx']), { text: 'a ', stopped: true, tokens: 1 });
  });

  it('gives back what only looked like the beginning of a stop text', () => {
    assert.deepEqual(run(['END'], ['EN', 'ough', ' E']), { text: 'ENough E', stopped: false, tokens: 3 });
  });

  it('lets everything through without stop texts', () => {
    assert.deepEqual(run([], ['a', '', 'b']), { text: 'ab', stopped: false, tokens: 3 });
  });
});
