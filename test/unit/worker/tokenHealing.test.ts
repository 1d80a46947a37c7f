import assert from 'node:assert/strict';
import { beginningGrammar, healTokens } from '../../../src/engine/worker/tokenHealing.js';

const heal = (...words: readonly string[]): readonly [string, string] => {
  const textOf = (tokens: readonly number[]): string => tokens.map((token) => words[token] ?? '').join('');
  const { kept, startsWith } = healTokens(words.map((_, index) => index), textOf);
  return [textOf(kept), startsWith];
};

describe('healTokens', () => {
  it('takes the token at the cursor away', () => {
    assert.deepEqual(heal('  return', ' '), ['  return', ' ']);
    assert.deepEqual(heal('  return', ' a', ' +'), ['  return a', ' +']);
  });

  it('takes all tokens of a word that is not finished', () => {
    assert.deepEqual(heal(' ', ' re', 'tu'), [' ', ' retu']);
    assert.deepEqual(heal('items', '.', 'len'), ['items.', 'len']);
  });

  it('takes no more than four tokens of a long word', () => {
    assert.deepEqual(heal('a', 'b', 'c', 'd', 'e', 'f'), ['ab', 'cdef']);
  });

  it('takes tokens until what is taken is whole characters', () => {
    // Every token is one byte.
    const bytes = [...Buffer.from('=漢')];
    assert.deepEqual(healTokens(bytes, (tokens) => Buffer.from(tokens).toString('utf8')), { kept: bytes.slice(0, 1), startsWith: '漢' });
  });

  it('takes nothing of nothing', () => {
    assert.deepEqual(heal(), ['', '']);
  });
});

describe('beginningGrammar', () => {
  it('writes every character by its code point, so that none needs quoting', () => {
    assert.equal(beginningGrammar('a"'), 'root ::= "\\U00000061\\U00000022" .*');
    assert.equal(beginningGrammar('😀'), 'root ::= "\\U0001f600" .*');
  });
});
