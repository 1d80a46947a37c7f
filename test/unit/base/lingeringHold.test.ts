import assert from 'node:assert/strict';
import { deferred } from '../../../src/engine/base/async.js';
import { type Disposable, toDisposable } from '../../../src/engine/base/disposable.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { LingeringHold } from '../../../src/engine/base/lingeringHold.js';
import { isFailure } from '../../support/failures.js';
import { checkLeaks } from '../../support/leaks.js';
import { ManualClock, settle } from '../../support/manualClock.js';

const lingerMs = 1_000;
const { signal } = new AbortController();

describe('something that is held while it is used, and a while longer', () => {
  const home = checkLeaks();
  let clock: ManualClock;
  let hold: LingeringHold<Disposable>;
  let got: number;
  let present: number;
  let arrival: Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    [got, present] = [0, 0];
    arrival = Promise.resolve();
    hold = new LingeringHold(clock, lingerMs, async () => {
      got++;
      await arrival;
      present++;
      return toDisposable(() => present--);
    });
    home.atEnd(() => hold.dispose());
  });

  it('is got at the first use, and once for all who use it', async () => {
    assert.equal(got, 0);
    const [first, second] = await Promise.all([hold.use(signal), hold.use(signal)]);
    assert.equal(first?.value, second?.value);
    assert.equal(got, 1);
  });

  it('stays while anybody uses it, however long', async () => {
    const [first, second] = [await hold.use(signal), await hold.use(signal)];
    first.dispose();
    first.dispose();
    await clock.advance(10 * lingerMs);
    assert.equal(present, 1);
    second.dispose();
    await clock.advance(lingerMs - 1);
    assert.equal(present, 1);
    await clock.advance(1);
    assert.equal(present, 0);
  });

  it('is there at once for whoever comes while it lingers, and stays for them', async () => {
    (await hold.use(signal)).dispose();
    await clock.advance(lingerMs - 1);
    const next = await hold.use(signal);
    await clock.advance(10 * lingerMs);
    assert.deepEqual([got, present], [1, 1]);
    next.dispose();
    await clock.advance(lingerMs);
    (await hold.use(signal)).dispose();
    assert.equal(got, 2);
  });

  it('goes as soon as it has come when those who asked for it have left long before', async () => {
    const coming = deferred<void>();
    arrival = coming.promise;
    const controller = new AbortController();
    const cancelled = hold.use(controller.signal);
    controller.abort();
    await assert.rejects(cancelled, isFailure('cancelled'));
    await clock.advance(lingerMs);
    coming.resolve();
    await settle();
    assert.deepEqual([got, present, clock.waiting], [1, 0, 0]);
  });

  it('is tried again by the next use when it could not be got', async () => {
    arrival = Promise.reject(new EngineError({ code: 'connectionLost' }));
    const both = [hold.use(signal), hold.use(signal)];
    for (const use of both) await assert.rejects(use, isFailure('connectionLost'));
    arrival = Promise.resolve();
    (await hold.use(signal)).dispose();
    assert.deepEqual([got, present], [2, 1]);
  });

  it('goes at the end, used or not, and so does what comes after it', async () => {
    await hold.use(signal);
    hold.dispose();
    await settle();
    assert.deepEqual([present, clock.waiting], [0, 0]);
    await assert.rejects(hold.use(signal), isFailure('cancelled'));

    const coming = deferred<void>();
    arrival = coming.promise;
    const late = new LingeringHold(clock, lingerMs, async () => {
      await arrival;
      present++;
      return toDisposable(() => present--);
    });
    const using = late.use(signal);
    late.dispose();
    coming.resolve();
    (await using).dispose();
    await settle();
    assert.deepEqual([present, clock.waiting], [0, 0]);
  });
});
