import assert from 'node:assert/strict';
import { debounceMs, remainingMs, withLatency } from '../../../src/engine/completion/debounce.js';

describe('debounceMs', () => {
  const cases: readonly [readonly number[], number, string][] = [
    [[], 75, 'before anything is measured'],
    [[10, 12, 9], 15, 'at least 15 ms with a fast model'],
    [[500, 500, 500], 100, 'a fifth of the latency'],
    [[9_000], 300, 'at most 300 ms with a slow one'],
    [[100, 100, 100, 100, 9_000], 20, 'not swayed by one slow answer'],
  ];
  for (const [history, expected, what] of cases) {
    it(`waits ${expected} ms ${what}`, () => assert.equal(debounceMs(history), expected));
  }
});

describe('remainingMs', () => {
  const cases: readonly [number, number, number, number, string][] = [
    [100, 1_000, 1_000, 100, 'all at the keystroke'],
    [100, 1_000, 1_060, 40, 'less after it'],
    [100, 1_000, 1_500, 0, 'nothing long after it'],
    [100, Number.NEGATIVE_INFINITY, 5, 0, 'nothing when nothing was typed'],
    [100, 1_010, 1_000, 100, 'never more than all'],
  ];
  for (const [total, changedAt, now, expected, what] of cases) {
    it(`is ${what}`, () => assert.equal(remainingMs(total, changedAt, now), expected));
  }
});

describe('withLatency', () => {
  it('keeps the last fifteen', () => {
    const history = Array.from({ length: 20 }, (_, index) => index).reduce<readonly number[]>(withLatency, []);
    assert.deepEqual(history, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });
});
