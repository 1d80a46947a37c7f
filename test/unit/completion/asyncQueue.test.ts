import assert from 'node:assert/strict';
import { AsyncQueue } from '../../../src/engine/completion/asyncQueue.js';
import { collect } from '../../support/collect.js';

describe('AsyncQueue', () => {
  it('delivers what was pushed before and after it is read, to the end', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    const all = collect(queue.values());
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    queue.finish();
    assert.deepEqual(await all, [1, 2, 3]);
  });

  it('throws at once what it failed with', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('gone'));
    await assert.rejects(queue.values().next(), /gone/);
  });

  it('stays finished when it fails later', async () => {
    const queue = new AsyncQueue<number>();
    queue.finish();
    queue.fail(new Error('late'));
    assert.equal((await queue.values().next()).done, true);
  });
});
