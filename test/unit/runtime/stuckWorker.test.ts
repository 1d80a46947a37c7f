import assert from 'node:assert/strict';
import { deferred } from '../../../src/engine/base/async.js';
import { EngineError } from '../../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../../src/engine/base/logger.js';
import type { WorkerCounters } from '../../../src/engine/protocol/workerMessages.js';
import { whileObeyed } from '../../../src/engine/runtime/stuckWorker.js';
import type { WorkerClient } from '../../../src/engine/runtime/workerClient.js';
import { ManualClock, settle } from '../../support/manualClock.js';

const patience = { lookMs: 10, stepMs: 30 };
const signs = { decodeSteps: 1, evaluatedTokens: 1, rssBytes: 1 };

describe('whileObeyed', () => {
  const start = (counters: () => Promise<WorkerCounters>) => {
    const clock = new ManualClock();
    const work = deferred<string>();
    let killed = false;
    const worker = {
      pid: 1,
      counters,
      dispose() {
        killed = true;
        work.reject(new EngineError({ code: 'connectionLost' }));
      },
    } as unknown as WorkerClient;
    const stopping = new AbortController();
    const outcome = whileObeyed(work.promise, worker, stopping.signal, { patience, clock, log: new Logger(nullLogSink, 'test') });
    outcome.catch(() => undefined);
    return { clock, work, stopping, outcome, killed: () => killed };
  };
  it('waits for ever for work that nobody cancels', async () => {
    const { clock, work, outcome, killed } = start(() => assert.fail('asked'));
    await clock.advance(1_000);
    assert.equal(killed(), false);
    work.resolve('done');
    assert.equal(await outcome, 'done');
    assert.equal(clock.waiting, 0);
  });

  it('leaves a worker alone that obeys', async () => {
    const { clock, work, stopping, outcome, killed } = start(() => assert.fail('asked'));
    stopping.abort();
    await clock.advance(9);
    work.reject(new EngineError({ code: 'cancelled' }));
    await assert.rejects(outcome, EngineError);
    await settle();
    assert.equal(clock.waiting, 0);
    assert.equal(killed(), false);
  });

  it('kills a worker that gives no sign of life', async () => {
    const { clock, stopping, outcome, killed } = start(() => new Promise(() => undefined));
    stopping.abort();
    await clock.advance(10);
    assert.equal(killed(), false);
    await clock.advance(10);
    assert.equal(killed(), true);
    await assert.rejects(outcome, EngineError);
  });

  it('gives a worker that answers the time of a long step, and kills it then', async () => {
    for (const counters of [async () => signs, async () => Promise.reject(new EngineError({ code: 'internal', reason: 'no counters' }))]) {
      const { clock, stopping, killed } = start(counters);
      stopping.abort();
      for (const expected of [false, false, true]) {
        await clock.advance(10);
            assert.equal(killed(), expected);
      }
    }
  });
});
