import assert from 'node:assert/strict';
import { addInterval, firstGap, type Interval, totalLength } from '../../../../src/engine/models/fetch/intervals.js';
import { PiecePlan } from '../../../../src/engine/models/fetch/piecePlan.js';
import { seededRandom } from '../../../support/ggufFixture.js';

const list = (...pairs: readonly (readonly [number, number])[]): Interval[] => pairs.map(([from, to]) => ({ from, to }));

describe('intervals', () => {
  it('that touch or overlap become one', () => {
    assert.deepEqual(addInterval(list([0, 2], [4, 6]), { from: 2, to: 4 }), list([0, 6]));
    assert.deepEqual(addInterval(list([0, 2], [4, 6], [9, 10]), { from: 1, to: 5 }), list([0, 6], [9, 10]));
    assert.deepEqual(addInterval(list([4, 6]), { from: 0, to: 2 }), list([0, 2], [4, 6]));
    assert.deepEqual(addInterval(list([4, 6]), { from: 5, to: 5 }), list([4, 6]));
  });

  it('are those of a set of bytes, whatever is added in whatever order', () => {
    const random = seededRandom(5);
    for (let round = 0; round < 200; round++) {
      const bytes = new Set<number>();
      let intervals: readonly Interval[] = [];
      for (let i = 0; i < 12; i++) {
        const from = Math.floor(random() * 60);
        const to = from + Math.floor(random() * 8);
        for (let byte = from; byte < to; byte++) bytes.add(byte);
        intervals = addInterval(intervals, { from, to });
      }
      const expected = [...bytes].sort((a, b) => a - b);
      assert.deepEqual(intervals.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)), expected);
      assert.equal(totalLength(intervals), expected.length);
      for (const [index, { from }] of intervals.entries()) assert.ok(index === 0 || from > (intervals[index - 1]?.to ?? 0), 'they touch');
    }
  });

  it('leave a first gap', () => {
    assert.deepEqual(firstGap([], 10, 4), { from: 0, to: 4 });
    assert.deepEqual(firstGap(list([0, 3], [5, 8]), 10, 4), { from: 3, to: 5 });
    assert.deepEqual(firstGap(list([0, 8]), 10, 4), { from: 8, to: 10 });
    assert.deepEqual(firstGap(list([2, 8]), 10, 4), { from: 0, to: 2 });
    assert.equal(firstGap(list([0, 10]), 10, 4), null);
    assert.equal(firstGap([], 0, 4), null);
  });
});

describe('the plan of a download', () => {
  it('gives every byte to one at a time, and again what was given back', () => {
    const plan = new PiecePlan(10, [], 4);
    const first = plan.claim() ?? assert.fail();
    assert.deepEqual([first, plan.claim(), plan.claim(), plan.claim()], [{ from: 0, to: 4 }, { from: 4, to: 8 }, { from: 8, to: 10 }, null]);
    plan.add({ from: 0, to: 3 });
    plan.release(first);
    assert.deepEqual(plan.claim(), { from: 3, to: 4 });
  });

  it('goes on with what is there', () => {
    const plan = new PiecePlan(10, list([2, 5]), 4);
    assert.deepEqual([plan.receivedBytes, plan.prefix, plan.claim(), plan.claim(), plan.claim()], [3, 0, { from: 0, to: 2 }, { from: 5, to: 9 }, { from: 9, to: 10 }]);
  });

  it('is complete when no byte is missing', () => {
    const plan = new PiecePlan(10, list([0, 5]), 4);
    plan.add({ from: 6, to: 10 });
    assert.equal(plan.prefix, 5);
    plan.add({ from: 5, to: 6 });
    assert.deepEqual([plan.prefix, plan.claim()], [10, null]);
  });
});
