import assert from 'node:assert/strict';
import { EngineError } from '../../../src/engine/base/errors.js';
import type { ChatTurn } from '../../../src/engine/protocol/engineTypes.js';
import { cutFimTexts, type FimParts, fimPromptTokens, fitFimParts } from '../../../src/engine/worker/fitFimPrompt.js';
import { fitTurns } from '../../../src/engine/worker/fitTurns.js';
import { coarse, promptLimit } from '../../../src/engine/worker/tokenBudget.js';
import { isFailure } from '../../support/failures.js';

const tokens = (length: number, from = 0): number[] => Array.from({ length }, (_, index) => from + index);
const size = ({ context, prefix, suffix, tail }: FimParts): number => context.flat().length + prefix.length + suffix.length + tail.length;

describe('promptLimit', () => {
  it('leaves room for the answer, at most a quarter of the context', () => {
    assert.equal(promptLimit(2_048, 64), 1_983);
    assert.equal(promptLimit(2_048, 100_000), 1_535);
    assert.equal(promptLimit(2_048, 0), 2_047);
  });
});

describe('coarse', () => {
  it('is whole blocks, and nothing when nothing is too many', () => {
    assert.deepEqual([-5, 0, 1, 8, 9].map((over) => coarse(over, 8)), [0, 0, 8, 8, 16]);
  });
});

describe('fitFimParts', () => {
  const parts: FimParts = { context: [tokens(30), tokens(30, 100), tokens(30, 200)], prefix: tokens(100, 1_000), suffix: tokens(60, 2_000), tail: tokens(10, 3_000) };

  it('leaves a prompt alone that fits', () => {
    assert.deepEqual(fitFimParts(parts, 260), parts);
  });

  it('drops context chunks from the front first', () => {
    const fitted = fitFimParts(parts, 240);
    assert.deepEqual(fitted, { ...parts, context: parts.context.slice(1) });
  });

  it('then cuts the front of the prefix and the end of the suffix, never the tail', () => {
    const fitted = fitFimParts(parts, 100);
    assert.deepEqual(fitted.context, []);
    assert.deepEqual(fitted.tail, parts.tail);
    assert.equal(fitted.prefix.at(-1), parts.prefix.at(-1));
    assert.equal(fitted.suffix[0], parts.suffix[0]);
    assert.ok(fitted.prefix.length > fitted.suffix.length);
    assert.ok(size(fitted) <= 100 && size(fitted) > 60);
  });

  it('gives the room of a short suffix to the prefix, and of a short prefix to the suffix', () => {
    assert.equal(fitFimParts({ ...parts, suffix: [1, 2] }, 100).suffix.length, 2);
    assert.equal(fitFimParts({ ...parts, prefix: [1, 2] }, 64).prefix.length, 2);
  });

  it('keeps the same beginning while the tail grows', () => {
    const beginnings = new Set<string>();
    for (let typed = 0; typed < 40; typed++) {
      const fitted = fitFimParts({ ...parts, prefix: tokens(1_000), suffix: tokens(1_000), tail: tokens(typed) }, 800);
      assert.ok(size(fitted) <= 800);
      beginnings.add(`${fitted.prefix[0]} ${fitted.suffix.length}`);
    }
    assert.ok(beginnings.size <= 2, [...beginnings].join(', '));
  });

  it('never exceeds the limit, whatever the sizes', () => {
    for (let seed = 1; seed < 400; seed++) {
      const length = (factor: number): number => (seed * factor) % 97;
      const some: FimParts = { context: [tokens(length(3)), tokens(length(7))], prefix: tokens(length(11)), suffix: tokens(length(13)), tail: tokens(length(5) % 40) };
      assert.ok(size(fitFimParts(some, 64)) <= 64, String(seed));
    }
  });

  it('refuses a tail that does not fit alone', () => {
    assert.throws(() => fitFimParts({ ...parts, tail: tokens(65) }, 64), isFailure('promptTooLong'));
  });
});

describe('cutFimTexts', () => {
  const texts = { context: ['#a\nold', '#b\nnew'], prefix: 'before', suffix: 'after', tail: 'line' };

  it('leaves texts alone that may fit', () => {
    assert.deepEqual(cutFimTexts(texts, 64), texts);
  });

  it('leaves so much of texts without end that the limit can still be filled', () => {
    const long = 'abcd'.repeat(1_000_000);
    const { context, prefix, suffix, tail } = cutFimTexts({ context: [long, 'new'], prefix: `${long}front`, suffix: `behind${long}`, tail: 'line' }, 1_000);
    assert.deepEqual([context, tail], [['new'], 'line']);
    assert.ok(prefix.endsWith('front') && suffix.startsWith('behind'));
    for (const { length } of [prefix, suffix]) assert.ok(length >= 14_000 && length <= 16_000, String(length));
  });

  it('cuts in blocks, so that the beginning stays while the text grows', () => {
    const line = 'const value = 1;\n';
    const starts = Array.from({ length: 100 }, (_, index) => {
      const prefix = line.repeat(10_000 + index);
      return prefix.length - cutFimTexts({ ...texts, prefix }, 1_000).prefix.length;
    });
    assert.ok(new Set(starts).size <= 2);
  });

  it('refuses a tail without end', () => {
    assert.throws(() => cutFimTexts({ ...texts, tail: 'x'.repeat(20_000) }, 1_000), isFailure('promptTooLong'));
  });
});

describe('fimPromptTokens', () => {
  const fim = { begin: -1, hole: -2, end: -3 };
  it('is context, prefix, suffix and tail around the model’s own tokens', () => {
    const parts = { context: [[1], [2]], prefix: [3], suffix: [4], tail: [5] };
    assert.deepEqual(fimPromptTokens(parts, fim, 0, 100), [0, 1, 2, -1, 3, -2, 4, -3, 5]);
    assert.deepEqual(fimPromptTokens(parts, fim, null, 100), [1, 2, -1, 3, -2, 4, -3, 5]);
  });
});

describe('fitTurns', () => {
  const talk = (pairs: number): ChatTurn[] =>
    Array.from({ length: pairs }, (_, index): ChatTurn[] => [{ role: 'user', text: `q${index}` }, { role: 'assistant', text: `a${index}` }]).flat();
  const system: ChatTurn = { role: 'system', text: 's' };
  const last: ChatTurn = { role: 'user', text: 'last' };
  const count = (turns: readonly ChatTurn[]): number => turns.length * 10;

  it('keeps all turns that fit', () => {
    assert.deepEqual(fitTurns([system, ...talk(2), last], count, 60), { turns: [system, ...talk(2), last], dropped: 0 });
  });

  it('drops the oldest pairs and keeps the system turn and the last one', () => {
    const { turns, dropped } = fitTurns([system, ...talk(4), last], count, 80);
    assert.equal(dropped % 2, 0);
    assert.deepEqual([turns[0], turns.at(-1)], [system, last]);
    assert.equal(turns[1]?.role, 'user');
    assert.equal(turns.length + dropped, 10);
    assert.ok(count(turns) <= 80);
  });

  it('keeps the same first turn for some turns, so that the cache stays valid', () => {
    const firsts = Array.from({ length: 12 }, (_, index) => fitTurns([...talk(20 + index), last], count, 200).turns[0]?.text);
    assert.ok(new Set(firsts).size <= 6, firsts.join(' '));
  });

  it('keeps the last turn alone when nothing else fits', () => {
    assert.deepEqual(fitTurns([system, ...talk(3), last], count, 20), { turns: [system, last], dropped: 6 });
  });

  it('refuses a last turn that does not fit alone, with the numbers', () => {
    assert.throws(
      () => fitTurns([system, ...talk(3), last], count, 19),
      (error) => EngineError.is(error, 'promptTooLong') && JSON.stringify(error.failure) === '{"code":"promptTooLong","tokens":20,"limit":19}',
    );
  });

  it('counts only what may fit of a talk without end, whatever its length', () => {
    let counted = 0;
    const words = (turns: readonly ChatTurn[]): number => {
      const characters = turns.reduce((sum, { text }) => sum + text.length, 0);
      counted += characters;
      return characters / 4;
    };
    const long = talk(2_000).map((turn): ChatTurn => ({ ...turn, text: turn.text.padEnd(100, '.') }));
    const { turns, dropped } = fitTurns([system, ...long, last], words, 1_000);
    assert.ok(words(turns) <= 1_000 && turns.length > 2);
    assert.equal(turns.length + dropped, 4_002);
    assert.ok(counted < 100_000, String(counted));
    const firsts = Array.from({ length: 12 }, (_, index) => fitTurns([...long.slice(0, 3_000 + 2 * index), last], words, 1_000).turns[0]?.text.slice(0, 5));
    assert.ok(new Set(firsts).size <= 4, firsts.join(' '));
  });

  it('refuses a last turn without end before it is counted, and says about how long it is', () => {
    const endless: ChatTurn = { role: 'user', text: 'word '.repeat(1_000_000) };
    const uncounted = (): number => assert.fail('counted');
    assert.throws(
      () => fitTurns([...talk(3), endless], uncounted, 1_000),
      (error) => EngineError.is(error, 'promptTooLong') && JSON.stringify(error.failure) === '{"code":"promptTooLong","tokens":1250000,"limit":1000}',
    );
  });
});
