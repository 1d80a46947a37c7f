import assert from 'node:assert/strict';
import { deferred } from '../../../src/engine/base/async.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { SharedTask } from '../../../src/engine/runtime/sharedTask.js';

const cancelled = (error: unknown): boolean => EngineError.is(error, 'cancelled');
const signal = new AbortController().signal;

describe('shared task', () => {
  it('gives its result to everybody who waits', async () => {
    const task = new SharedTask(async () => 7);
    assert.deepEqual(await Promise.all([task.join(signal), task.join(signal)]), [7, 7]);
    assert.equal(task.aborted, false);
  });

  it('goes on when one of two has given up', async () => {
    const end = deferred<number>();
    const task = new SharedTask(() => end.promise);
    const stopping = new AbortController();
    const first = task.join(stopping.signal);
    const second = task.join(signal);
    stopping.abort();
    await assert.rejects(first, cancelled);
    assert.equal(task.aborted, false);
    end.resolve(7);
    assert.equal(await second, 7);
  });

  it('is aborted when the last one has given up', async () => {
    let stopped = false;
    const task = new SharedTask((own) => new Promise<number>(() => own.addEventListener('abort', () => (stopped = true))));
    const stopping = new AbortController();
    const both = [task.join(stopping.signal), task.join(stopping.signal)];
    stopping.abort();
    for (const waiter of both) await assert.rejects(waiter, cancelled);
    assert.ok(stopped && task.aborted);
  });

  it('gives its failure to everybody who waits', async () => {
    const task = new SharedTask<number>(async () => {
      throw new EngineError({ code: 'connectionLost' });
    });
    for (const waiter of [task.join(signal), task.join(signal)]) await assert.rejects(waiter, (error) => EngineError.is(error, 'connectionLost'));
  });
});
