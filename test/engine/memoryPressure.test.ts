import assert from 'node:assert/strict';
import { systemClock } from '../../src/engine/base/clock.js';
import type { Disposable } from '../../src/engine/base/disposable.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import type { EngineNotice } from '../../src/engine/protocol/engineTypes.js';
import { forkWorker } from '../../src/engine/runtime/forkedWorker.js';
import type { EngineRuntime } from '../../src/engine/runtime/engineRuntime.js';
import type { MemoryReading } from '../../src/engine/runtime/pressure/memoryReading.js';
import { FakePlacement } from '../support/fakePlacement.js';
import { chatOf, fakeWorkerRuntime, plentyOfMemory } from '../support/fakeWorkerRuntime.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock } from '../support/manualClock.js';
import { chat, failsWith, fakeModel, isAlive, optionsFor, until } from '../support/testClient.js';
import { calf, workerFile } from '../support/workerProcess.js';

const signal = new AbortController().signal;
const tight: MemoryReading = { ...plentyOfMemory, availableBytes: 1.5e9 };
const critical: MemoryReading = { ...plentyOfMemory, availableBytes: 5e8 };

/** Time passes when the test says so, but what need not wait does not. */
class StandingClock extends ManualClock {
  override setTimeout(callback: () => void, ms: number): Disposable {
    return ms === 0 ? systemClock.setTimeout(callback, ms) : super.setTimeout(callback, ms);
  }
}

describe('workers while the system is short of memory', () => {
  const home = checkLeaks();
  let clock: ManualClock;
  let reading: MemoryReading;
  let notices: EngineNotice[];

  beforeEach(() => {
    clock = new StandingClock();
    reading = plentyOfMemory;
    notices = [];
  });

  function runtimeWith(worker?: string): EngineRuntime {
    const launch = worker === undefined ? {} : { launch: (localMemory: (freeBytes: number) => void) => forkWorker(worker, localMemory, new Logger(nullLogSink, 'test')) };
    const runtime = fakeWorkerRuntime(home, new FakePlacement(), [0], { ...launch, clock, readMemory: async () => reading });
    runtime.onNotice((notice) => notices.push(notice));
    return runtime;
  }
  const pids = (runtime: EngineRuntime): number[] => runtime.workers.flatMap(({ pid }) => (pid === null ? [] : [pid]));

  it('the real model goes when it has been idle, and is back with the next question', async () => {
    const runtime = runtimeWith(workerFile);
    runtime.configure(optionsFor(calf));
    const ask = (): ReturnType<typeof chat> => chat(chatOf(runtime), 'Write a function that adds two numbers.');
    const { text } = await ask();
    const [pid = 0] = pids(runtime);
    await clock.advance(60_000);
    assert.ok(isAlive(pid));
    reading = tight;
    await clock.advance(3_000);
    await until(() => notices.length > 0);
    assert.equal(isAlive(pid), false);
    assert.equal(runtime.status.chat.state, 'unloaded');
    assert.deepEqual(notices, [{ kind: 'memoryPressure', critical: false, availableBytes: 1.5e9, unloaded: ['Calf'] }]);
    assert.equal((await ask()).text, text);
  });

  it('an answer that is being made goes on, while the idle model of the other role goes', async () => {
    const runtime = runtimeWith();
    runtime.configure({ ...optionsFor(fakeModel('slow-2')), completion: { model: fakeModel('ok'), contextSize: 0, slots: 1 } });
    await runtime.load('completion', signal);
    let said = '';
    const stopping = new AbortController();
    const answer = chat(chatOf(runtime), 'Why?', { maxTokens: 5, signal: stopping.signal, onEvent: (_event, text) => (said = text) }).catch((error: unknown) => error);
    await until(() => said === '0 1 ');
    reading = critical;
    await clock.advance(3_000);
    await until(() => notices.length > 0);
    assert.deepEqual(notices.map((notice) => notice.kind === 'memoryPressure' && notice.unloaded), [['ok']]);
    assert.deepEqual([runtime.status.completion.state, runtime.status.chat.state], ['unloaded', 'generating']);
    stopping.abort();
    await answer;
  });

  it('a load is refused while memory is nearly gone, and works when there is more', async () => {
    const runtime = runtimeWith();
    runtime.configure(optionsFor(fakeModel('ok')));
    reading = critical;
    await assert.rejects(runtime.load('chat', signal), failsWith('memoryPressure'));
    assert.deepEqual(runtime.status.chat, { state: 'error', failure: { code: 'memoryPressure', path: '/fake/ok', availableBytes: 5e8 } });
    assert.deepEqual(pids(runtime), []);
    reading = plentyOfMemory;
    await runtime.load('chat', signal);
    assert.equal(runtime.status.chat.state, 'ready');
  });

  it('an idle model makes room for the one that is asked for', async () => {
    const runtime = runtimeWith();
    runtime.configure({ ...optionsFor(fakeModel('ok')), completion: { model: fakeModel('ok-2'), contextSize: 0, slots: 1 } });
    await runtime.load('completion', signal);
    reading = critical;
    runtime.onNotice(() => (reading = plentyOfMemory));
    await runtime.load('chat', signal);
    assert.deepEqual([runtime.status.completion.state, runtime.status.chat.state], ['unloaded', 'ready']);
  });

  it('a model that got less than it was to have says so once for each role', async () => {
    const runtime = runtimeWith();
    runtime.configure(optionsFor(fakeModel('reduced')));
    await runtime.load('chat', signal);
    const reduced = { kind: 'reduced', model: 'reduced', contextSize: 2_048, kvType: 'q8_0' };
    assert.deepEqual(notices, [{ ...reduced, role: 'chat' }, { ...reduced, role: 'completion' }]);
    await runtime.load('completion', signal);
    assert.equal(notices.length, 2);
  });
});
