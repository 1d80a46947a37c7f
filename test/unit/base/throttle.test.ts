import assert from 'node:assert/strict';
import { Throttle } from '../../../src/engine/base/throttle.js';
import { ManualClock } from '../../support/manualClock.js';

describe('throttle', () => {
  let clock: ManualClock;
  let calls: number[];
  let throttle: Throttle;

  beforeEach(() => {
    clock = new ManualClock();
    calls = [];
    throttle = new Throttle(clock, 250, () => calls.push(clock.now()));
  });

  it('the first request is answered at once', () => {
    throttle.ask();
    assert.deepEqual(calls, [0]);
  });

  it('many requests are four a second, and the last one is not lost', async () => {
    for (let i = 0; i < 100; i++) {
      throttle.ask();
      await clock.advance(10);
    }
    await clock.advance(1_000);
    assert.deepEqual(calls, [0, 250, 500, 750, 1_000]);
  });

  it('a request after a pause is answered at once again', async () => {
    throttle.ask();
    await clock.advance(10_000);
    throttle.ask();
    assert.deepEqual(calls, [0, 10_000]);
  });

  it('nothing comes after the end, and no timer stays', async () => {
    throttle.ask();
    throttle.ask();
    throttle.dispose();
    throttle.ask();
    await clock.advance(1_000);
    assert.deepEqual(calls, [0]);
    assert.equal(clock.waiting, 0);
  });
});
