import assert from 'node:assert/strict';
import { deferred } from '../../../src/engine/base/async.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { RequestQueue } from '../../../src/engine/runtime/requestQueue.js';
import { settle } from '../../support/manualClock.js';

const signal = new AbortController().signal;

/** Work that the test ends, in the order in which it began. */
class Works {
  readonly began: string[] = [];
  readonly #ends = new Map<string, () => void>();

  constructor(private readonly queue: RequestQueue) {}

  run(name: string, slot: string, own = signal): Promise<string> {
    return this.queue.run(slot, own, async () => {
      this.began.push(name);
      const end = deferred<void>();
      this.#ends.set(name, end.resolve);
      await end.promise;
      return name;
    });
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settle();
  }
}

describe('request queue', () => {
  it('runs as many requests at once as there are slots, then in their order', async () => {
    const works = new Works(new RequestQueue('chat', 2, 10));
    const all = ['1', '2', '3', '4'].map((name) => works.run(name, `slot ${name}`));
    await settle();
    assert.deepEqual(works.began, ['1', '2']);
    await works.end('2');
    assert.deepEqual(works.began, ['1', '2', '3']);
    await works.end('1');
    assert.deepEqual(works.began, ['1', '2', '3', '4']);
    await works.end('3');
    await works.end('4');
    assert.deepEqual(await Promise.all(all), ['1', '2', '3', '4']);
  });

  it('runs one request at a time in a slot, and lets others pass', async () => {
    const works = new Works(new RequestQueue('chat', 2, 10));
    const all = [works.run('1', 'a'), works.run('2', 'a'), works.run('3', 'b')];
    await settle();
    assert.deepEqual(works.began, ['1', '3']);
    await works.end('1');
    assert.deepEqual(works.began, ['1', '3', '2']);
    await works.end('2');
    await works.end('3');
    await Promise.all(all);
  });

  it('a waiting request that is aborted leaves at once and never runs', async () => {
    const queue = new RequestQueue('completion', 1, 10);
    const works = new Works(queue);
    const first = works.run('1', 'a');
    const stopping = new AbortController();
    const second = works.run('2', 'a', stopping.signal);
    stopping.abort();
    await assert.rejects(second, (error) => EngineError.is(error, 'cancelled'));
    assert.equal(queue.waiting, 0);
    await works.end('1');
    await first;
    assert.deepEqual(works.began, ['1']);
  });

  it('a running request that is aborted rejects at once, and its slot is free when its work has stopped', async () => {
    const queue = new RequestQueue('completion', 1, 10);
    const works = new Works(queue);
    const stopping = new AbortController();
    const first = works.run('1', 'a', stopping.signal);
    const second = works.run('2', 'a');
    await settle();
    stopping.abort();
    await assert.rejects(first, (error) => EngineError.is(error, 'cancelled'));
    assert.deepEqual(works.began, ['1']);
    await works.end('1');
    assert.deepEqual(works.began, ['1', '2']);
    await works.end('2');
    await second;
  });

  it('a request too many is refused and the others go on', async () => {
    const works = new Works(new RequestQueue('chat', 1, 1));
    const all = [works.run('1', 'a'), works.run('2', 'b')];
    await assert.rejects(works.run('3', 'c'), (error) => EngineError.is(error) && error.failure.code === 'queueFull' && error.failure.role === 'chat');
    await works.end('1');
    await works.end('2');
    assert.deepEqual(await Promise.all(all), ['1', '2']);
  });

  it('work that fails frees its slot', async () => {
    const queue = new RequestQueue('chat', 1, 1);
    await assert.rejects(
      queue.run('a', signal, async () => {
        throw new EngineError({ code: 'connectionLost' });
      }),
      (error) => EngineError.is(error, 'connectionLost'),
    );
    assert.equal(await queue.run('a', signal, async () => 'next'), 'next');
    assert.equal(queue.running, 0);
  });

  it('a signal that is already aborted runs nothing', async () => {
    const works = new Works(new RequestQueue('chat', 1, 1));
    await assert.rejects(works.run('1', 'a', AbortSignal.abort()), (error) => EngineError.is(error, 'cancelled'));
    assert.deepEqual(works.began, []);
  });
});
