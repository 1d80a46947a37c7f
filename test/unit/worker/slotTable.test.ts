import assert from 'node:assert/strict';
import { SlotTable } from '../../../src/engine/worker/slotTable.js';
import { isFailure } from '../../support/failures.js';

const { signal } = new AbortController();

describe('SlotTable', () => {
  it('gives a slot the resource that it had before', async () => {
    const table = new SlotTable(['x', 'y']);
    const use = async (slot: string): Promise<string> => {
      const lease = await table.acquire(slot, signal);
      lease.dispose();
      return lease.resource;
    };
    const a = await use('a');
    const b = await use('b');
    assert.notEqual(a, b);
    assert.deepEqual([await use('a'), await use('b'), await use('a')], [a, b, a]);
  });

  it('gives a newcomer the resource that was used longest ago', async () => {
    const table = new SlotTable(['x', 'y']);
    const a = await table.acquire('a', signal);
    a.dispose();
    (await table.acquire('b', signal)).dispose();
    (await table.acquire('a', signal)).dispose();
    const c = await table.acquire('c', signal);
    assert.notEqual(c.resource, a.resource);
    c.dispose();
    assert.equal((await table.acquire('a', signal)).resource, a.resource);
  });

  it('never takes a resource that is in use, and serves who waits in order', async () => {
    const table = new SlotTable(['x']);
    const order: string[] = [];
    const first = await table.acquire('a', signal);
    const waiting = ['b', 'a', 'c'].map(async (slot) => {
      const lease = await table.acquire(slot, signal);
      order.push(slot);
      lease.dispose();
    });
    await Promise.resolve();
    assert.deepEqual(order, []);
    first.dispose();
    await Promise.all(waiting);
    assert.deepEqual(order, ['b', 'a', 'c']);
  });

  it('lets a slot wait for its own resource while another one is free', async () => {
    const table = new SlotTable(['x', 'y']);
    const first = await table.acquire('a', signal);
    let second: string | null = null;
    const waiting = table.acquire('a', signal).then((lease) => {
      second = lease.resource;
    });
    const other = await table.acquire('b', signal);
    assert.notEqual(other.resource, first.resource);
    assert.equal(second, null);
    first.dispose();
    await waiting;
    assert.equal(second, first.resource);
  });

  it('forgets a waiter whose signal is aborted, also when its turn comes in the same moment', async () => {
    const table = new SlotTable(['x']);
    const first = await table.acquire('a', signal);
    const early = new AbortController();
    const late = new AbortController();
    const waitingEarly = table.acquire('b', early.signal);
    const waitingLate = table.acquire('c', late.signal);
    early.abort();
    first.dispose();
    late.abort();
    await assert.rejects(waitingEarly, isFailure('cancelled'));
    await Promise.allSettled([waitingLate.then((lease) => lease.dispose())]);
    (await table.acquire('d', signal)).dispose();
  });

  it('rejects at once when the signal was aborted before, and keeps nothing', async () => {
    const table = new SlotTable(['x']);
    await assert.rejects(table.acquire('a', AbortSignal.abort()), isFailure('cancelled'));
    assert.equal((await table.acquire('b', signal)).resource, 'x');
  });

  it('gives a lease back once, however often it is disposed', async () => {
    const table = new SlotTable(['x']);
    const first = await table.acquire('a', signal);
    first.dispose();
    const second = await table.acquire('b', signal);
    first.dispose();
    let third = false;
    void table.acquire('c', signal).then(() => {
      third = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(third, false);
    second.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(third, true);
  });
});
