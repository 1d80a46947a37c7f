import assert from 'node:assert/strict';
import { joinPieces, type Piece, ThinkParser } from '../../../src/engine/chat/thinkParser.js';

function parse(pieces: readonly string[]): Piece[] {
  const parser = new ThinkParser();
  return joinPieces([...pieces.flatMap((piece) => parser.push(piece, 1)), ...parser.end()]);
}

/** What a reader sees: `[thought]text`. */
function shown(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.kind === 'thought' ? `[${piece.text}]` : piece.kind === 'text' ? piece.text : '^')).join('');
}

const fixtures: readonly { readonly fact: string; readonly streamed: string; readonly shown: string }[] = [
  { fact: 'text without a thought is text', streamed: 'a < b and a <b> c', shown: 'a < b and a <b> c' },
  { fact: 'a thought and its answer are apart, without the white space between', streamed: '<think>\nhm\n</think>\n\nYes.', shown: '[hm\n]Yes.' },
  { fact: 'an empty thought leaves nothing', streamed: '<think>\n\n</think>\n\nYes.', shown: 'Yes.' },
  { fact: 'a thought that is never closed stays a thought', streamed: '<think>hm, and so on', shown: '[hm, and so on]' },
  { fact: 'the beginning of a tag at the end is text', streamed: 'a <thi', shown: 'a <thi' },
  { fact: 'the beginning of a closing tag at the end stays in the thought', streamed: '<think>a </thi', shown: '[a </thi]' },
  { fact: 'text before a lone closing tag was a thought', streamed: 'hm\n</think>\nYes.', shown: 'hm\n^Yes.' },
  { fact: 'a second opening tag inside a thought is dropped', streamed: '<think>a<think>b</think>c', shown: '[ab]c' },
  { fact: 'a second closing tag after the thought is dropped', streamed: '<think>a</think>b</think>c', shown: '[a]bc' },
  { fact: 'two thoughts are two thoughts', streamed: '<think>a</think>b\n<think>c</think>d', shown: '[a]b\n[c]d' },
  { fact: 'a tag in a fenced block is text', streamed: 'See:\n```\n<think>\n</think>\n```\nend', shown: 'See:\n```\n<think>\n</think>\n```\nend' },
  { fact: 'a tag in inline code is text', streamed: 'The `</think>` tag ends `<think>`.', shown: 'The `</think>` tag ends `<think>`.' },
  { fact: 'an opening tag in the middle of a sentence is text', streamed: 'The <think> tag.', shown: 'The <think> tag.' },
  { fact: 'a tag after a closed fence is a tag', streamed: '```\na\n```\n<think>b</think>c', shown: '```\na\n```\n[b]c' },
];

describe('ThinkParser', () => {
  for (const { fact, streamed, shown: expected } of fixtures) {
    it(fact, () => assert.equal(shown(parse([streamed])), expected));
    it(`${fact}, one character at a time`, () => assert.equal(shown(parse(streamed.split(''))), expected));
  }

  it('splits the same however the stream is cut in two', () => {
    const streamed = '<think>one two</think>three <b> four';
    for (let at = 0; at <= streamed.length; at++) {
      assert.equal(shown(parse([streamed.slice(0, at), streamed.slice(at)])), '[one two]three <b> four', `cut at ${at}`);
    }
  });

  it('counts the tokens of a thought without those of its tags', () => {
    const parser = new ThinkParser();
    const pieces = joinPieces(['<think>', 'one', ' two', ' three', '</think>', 'Yes', '.'].flatMap((token) => parser.push(token, 1)));
    assert.deepEqual(pieces, [
      { kind: 'thought', text: 'one two three', tokens: 3 },
      { kind: 'text', text: 'Yes.', tokens: 2 },
    ]);
  });

  it('shares the tokens of a burst out by length', () => {
    const parser = new ThinkParser();
    const pieces = parser.push('<think>aaaaaaa</think>aaaaaaa', 29);
    assert.deepEqual(pieces.map((piece) => (piece.kind === 'textWasThought' ? 0 : piece.tokens)), [7, 7]);
  });

  it('loses no token of a text that is streamed by parts of tokens', () => {
    const parser = new ThinkParser();
    const text = 'a plain text that is somewhat long';
    const pieces = joinPieces(text.split('').flatMap((character) => parser.push(character, 0.25)));
    assert.deepEqual(pieces, [{ kind: 'text', text, tokens: Math.round(text.length / 4) }]);
  });
});
