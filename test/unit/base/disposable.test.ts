import assert from 'node:assert/strict';
import { DisposableStore, toDisposable, trackDisposables } from '../../../src/engine/base/disposable.js';

describe('DisposableStore', () => {
  it('releases what it owns, the last one first', () => {
    const order: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => order.push('first')));
    store.add(toDisposable(() => order.push('second')));
    store.dispose();
    assert.deepEqual(order, ['second', 'first']);
  });

  it('releases once when disposed twice', () => {
    let count = 0;
    const store = new DisposableStore();
    store.add(toDisposable(() => count++));
    store.dispose();
    store.dispose();
    assert.equal(count, 1);
  });

  it('releases at once what is added after the end', () => {
    let count = 0;
    const store = new DisposableStore();
    store.dispose();
    store.add(toDisposable(() => count++));
    assert.equal(count, 1);
  });

  it('releases the others when one fails, and says so', () => {
    let count = 0;
    const store = new DisposableStore();
    store.add(toDisposable(() => count++));
    store.add({
      dispose() {
        throw new Error('no');
      },
    });
    assert.throws(() => store.dispose(), AggregateError);
    assert.equal(count, 1);
  });

  it('releases one value before the others on request', () => {
    const order: string[] = [];
    const store = new DisposableStore();
    const early = store.add(toDisposable(() => order.push('early')));
    store.add(toDisposable(() => order.push('late')));
    store.release(early);
    store.dispose();
    assert.deepEqual(order, ['early', 'late']);
  });

  it('reports creation and disposal to the leak tracker', () => {
    const alive = new Set<DisposableStore>();
    trackDisposables({ created: (store) => alive.add(store), disposed: (store) => alive.delete(store) });
    try {
      const kept = new DisposableStore();
      new DisposableStore().dispose();
      assert.deepEqual([...alive], [kept]);
      kept.dispose();
      assert.equal(alive.size, 0);
    } finally {
      trackDisposables(undefined);
    }
  });
});
