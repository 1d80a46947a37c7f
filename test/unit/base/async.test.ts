import assert from 'node:assert/strict';
import { deferred, delay, inBatches, raceAbort, whenLate } from '../../../src/engine/base/async.js';
import type { Clock } from '../../../src/engine/base/clock.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { ManualClock } from '../../support/manualClock.js';

const isCancelled = (error: unknown): boolean => EngineError.is(error, 'cancelled');

describe('raceAbort', () => {
  it('gives the value when it comes first', async () => {
    assert.equal(await raceAbort(Promise.resolve(7), new AbortController().signal), 7);
  });

  it('rejects as cancelled when the signal is aborted first', async () => {
    const controller = new AbortController();
    const race = raceAbort(deferred<void>().promise, controller.signal);
    controller.abort();
    await assert.rejects(race, isCancelled);
  });

  it('rejects as cancelled when the signal was already aborted', async () => {
    await assert.rejects(raceAbort(Promise.resolve(7), AbortSignal.abort()), isCancelled);
  });

  it('hears a later rejection of what it gave up before the race', async () => {
    const given = deferred<void>();
    await assert.rejects(raceAbort(given.promise, AbortSignal.abort()), isCancelled);
    const unheard: unknown[] = [];
    const note = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', note);
    try {
      given.reject(new Error('too late'));
      // Unheard rejections are told before timers run.
      await new Promise((resolve) => setTimeout(resolve, 0));
      assert.deepEqual(unheard, []);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});

describe('delay', () => {
  function stoppedClock(): { clock: Clock; pending: (() => void)[] } {
    const pending: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      setTimeout(callback) {
        pending.push(callback);
        return { dispose: () => void pending.splice(pending.indexOf(callback), 1) };
      },
    };
    return { clock, pending };
  }

  it('resolves when the clock says so', async () => {
    const { clock, pending } = stoppedClock();
    const done = delay(50, new AbortController().signal, clock);
    pending[0]?.();
    await done;
  });

  it('leaves no timer behind when it is cancelled', async () => {
    const { clock, pending } = stoppedClock();
    const controller = new AbortController();
    const done = delay(50, controller.signal, clock);
    controller.abort();
    await assert.rejects(done, isCancelled);
    assert.equal(pending.length, 0);
  });
});

describe('whenLate', () => {
  it('brings work to its end that takes longer, and gives what comes of it', async () => {
    const clock = new ManualClock();
    const work = deferred<string>();
    const result = whenLate(work.promise, 100, clock, () => work.resolve('late'));
    await clock.advance(99);
    work.promise.then(() => assert.equal(clock.now(), 100), assert.fail);
    await clock.advance(1);
    assert.equal(await result, 'late');
  });

  it('waits no longer than the work, whether it works or fails', async () => {
    const clock = new ManualClock();
    assert.equal(await whenLate(Promise.resolve(7), 100, clock, assert.fail), 7);
    await assert.rejects(whenLate(Promise.reject(new EngineError({ code: 'cancelled' })), 100, clock, assert.fail), isCancelled);
    assert.equal(clock.waiting, 0);
  });
});

describe('inBatches', () => {
  it('gives the results in the order of the items, with no more than so many under way', async () => {
    let running = 0;
    let most = 0;
    const results = await inBatches([5, 4, 3, 2, 1], 2, async (item, index) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      running--;
      return `${index}:${item}`;
    });
    assert.deepEqual(results, ['0:5', '1:4', '2:3', '3:2', '4:1']);
    assert.equal(most, 2);
  });

  it('begins no further batch after a failure', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      if (item === 2) throw new EngineError({ code: 'cancelled' });
    };
    await assert.rejects(inBatches([1, 2, 3], 2, work), isCancelled);
    assert.deepEqual(begun, [1, 2]);
  });
});
