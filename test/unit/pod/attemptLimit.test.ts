import assert from 'node:assert/strict';
import { admitAttempt } from '../../../src/engine/pod/core/pairing/attemptLimit.js';

const limit = { count: 3, within: 100 };

/** Which of the attempts at these times are let in. */
function admitted(...times: readonly number[]): number[] {
  let earlier: readonly number[] = [];
  return times.filter((now) => {
    const next = admitAttempt(limit, earlier, now);
    earlier = next ?? earlier;
    return next !== null;
  });
}

describe('admitAttempt', () => {
  it('lets as many in as the limit says', () => {
    assert.deepEqual(admitted(1, 2, 3, 4), [1, 2, 3]);
  });

  it('lets the next one in when the oldest has left the window, not before', () => {
    assert.deepEqual(admitted(0, 10, 20, 99, 100, 105), [0, 10, 20, 100]);
  });

  it('does not count what was refused, so that knocking does not keep the door shut', () => {
    assert.deepEqual(admitted(0, 1, 2, 50, 60, 70, 80, 90, 100), [0, 1, 2, 100]);
  });

  it('keeps no more times than the limit', () => {
    let earlier: readonly number[] = [];
    for (let now = 0; now < 1_000; now += 10) earlier = admitAttempt(limit, earlier, now) ?? earlier;
    assert.ok(earlier.length <= limit.count);
  });
});
