import assert from 'node:assert/strict';
import { EngineError } from '../../src/engine/base/errors.js';
import type { EngineOptions, EngineStatus } from '../../src/engine/protocol/engineTypes.js';
import type { EngineRuntime } from '../../src/engine/runtime/engineRuntime.js';
import { forkWorker } from '../../src/engine/runtime/forkedWorker.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { FakePlacement } from '../support/fakePlacement.js';
import { chatOf, fakeWorkerRuntime } from '../support/fakeWorkerRuntime.js';
import { checkLeaks } from '../support/leaks.js';
import { chat, failsWith, fakeModel, fakeWorkerFile, isAlive, optionsFor, until } from '../support/testClient.js';

const signal = new AbortController().signal;

describe('worker supervision', () => {
  const home = checkLeaks();

  function runtimeWith(options: EngineOptions): EngineRuntime & Parameters<typeof chat>[0] {
    const runtime = fakeWorkerRuntime(home, new FakePlacement(), [0, 10, 10]);
    runtime.configure(options);
    return Object.assign(runtime, chatOf(runtime));
  }
  const pids = (runtime: EngineRuntime): number[] => runtime.workers.flatMap(({ pid }) => (pid === null ? [] : [pid]));

  it('both roles with the same model share one worker', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('ok')));
    await runtime.load('chat', signal);
    await runtime.load('completion', signal);
    assert.equal(pids(runtime).length, 1);
    assert.equal(runtime.status.completion.state, 'ready');
    assert.equal(runtime.status.chat.state, 'ready');
  });

  it('roles with different models have a worker each, started when it is needed', async () => {
    const runtime = runtimeWith({ ...optionsFor(fakeModel('ok')), completion: { model: fakeModel('ok-2'), contextSize: 0, slots: 2 } });
    await runtime.load('chat', signal);
    assert.equal(pids(runtime).length, 1);
    assert.equal(runtime.status.completion.state, 'unloaded');
    await runtime.load('completion', signal);
    assert.equal(pids(runtime).length, 2);
  });

  it('a worker that cannot be started, for want of memory, is the failure of that load and of no later one', async () => {
    let failing = true;
    const runtime = fakeWorkerRuntime(home, new FakePlacement(), [0], {
      launch: (localMemory) => {
        if (failing) throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
        return forkWorker(fakeWorkerFile, localMemory, new Logger(nullLogSink, 'test'));
      },
    });
    runtime.configure({ ...optionsFor(fakeModel('ok')), memoryBudgetBytes: 1e12 });
    await assert.rejects(runtime.load('chat', signal), failsWith('loadFailed'));
    failing = false;
    await runtime.load('chat', signal);
    assert.equal(runtime.status.chat.state, 'ready');
  });

  it('a role that is off refuses', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('ok'), { chat: null }));
    await assert.rejects(chat(runtime, 'Why?'), failsWith('roleOff'));
    assert.deepEqual(runtime.status.chat, { state: 'off' });
  });

  it('a worker that dies in the middle of a stream is restarted and the stream goes on', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('die-at-3')));
    const states: EngineStatus['chat']['state'][] = [];
    runtime.onStatus((status) => states.push(status.chat.state));
    const { text, events } = await chat(runtime, 'Why?', { maxTokens: 10 });
    assert.equal(text, '0 1 2 3 4 5 6 7 8 9 ');
    assert.deepEqual(events.filter(({ kind }) => kind !== 'text').map(({ kind }) => kind), ['started', 'recovering', 'recovered', 'recovering', 'recovered', 'recovering', 'recovered']);
    assert.ok(states.includes('recovering'));
    assert.equal(runtime.workers[0]?.restarts, 3);
  });

  it('two open streams both go on after their worker has died', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-2')));
    let killed = false;
    const kill = (_event: unknown, text: string): void => {
      if (text !== '0 1 ' || killed) return;
      killed = true;
      for (const pid of pids(runtime)) process.kill(pid, 'SIGKILL');
    };
    const stopping = new AbortController();
    const texts = ['', ''];
    const answers = ['a', 'b'].map((slot, index) =>
      chat(runtime, 'Why?', {
        slot,
        maxTokens: 5,
        signal: stopping.signal,
        onEvent: (event, text) => {
          texts[index] = text;
          kill(event, text);
        },
      }).catch((error: unknown) => error),
    );
    await until(() => killed && runtime.status.chat.state === 'generating' && texts.every((text) => text === '0 1 '));
    stopping.abort();
    for (const answer of await Promise.all(answers)) assert.ok(EngineError.is(answer, 'cancelled'));
  });

  it('a worker that has stopped listening is killed after a cancellation, and its other requests go on', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('deaf-at-3')));
    const stopping = new AbortController();
    const other = chat(runtime, 'Why?', { slot: 'other', maxTokens: 5 });
    let text = '';
    const answer = chat(runtime, 'Why?', { signal: stopping.signal, onEvent: (_event, soFar) => (text = soFar) }).catch((error: unknown) => error);
    await until(() => text === '0 1 2 ');
    const [pid = 0] = pids(runtime);
    stopping.abort();
    assert.ok(EngineError.is(await answer, 'cancelled'));
    assert.equal((await other).text, '0 1 2 3 4 ');
    assert.equal(isAlive(pid), false);
    assert.equal((await chat(runtime, 'Why?', { maxTokens: 2 })).text, '0 1 ');
  });

  it('a crash loop ends with workerLost, the text so far kept, and the next request tries again', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('die-at-3')));
    let kept = '';
    const answer = chat(runtime, 'Why?', { maxTokens: 100, onEvent: (_event, text) => (kept = text) });
    await assert.rejects(answer, failsWith('workerLost'));
    assert.equal(kept, Array.from({ length: 12 }, (_, index) => `${index} `).join(''));
    assert.equal(runtime.status.chat.state, 'error');
    assert.deepEqual(pids(runtime), []);
    assert.equal((await chat(runtime, 'Why?', { maxTokens: 2 })).text, '0 1 ');
  });

  it('a worker that dies in every load is given up', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('die-loading')));
    await assert.rejects(runtime.load('chat', signal), (error) => EngineError.is(error, 'workerLost') && JSON.stringify(error.failure).includes('SIGABRT'));
    assert.deepEqual(pids(runtime), []);
  });

  it('a load that fails for a reason of the file is not repeated, and the next request tries again', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('bad-file')));
    await assert.rejects(runtime.load('chat', signal), failsWith('notGguf'));
    assert.deepEqual(runtime.status.chat, { state: 'error', failure: { code: 'notGguf', path: '/fake/bad-file' } });
    assert.deepEqual(runtime.workers, [{ pid: null, roles: ['completion', 'chat'], restarts: 0 }]);
    await assert.rejects(chat(runtime, 'Why?'), failsWith('notGguf'));
  });

  it('cancelling the only waiter stops the load', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-load')));
    const stopping = new AbortController();
    const load = runtime.load('chat', stopping.signal);
    await until(() => runtime.status.chat.state === 'loading' && runtime.status.chat.progress === 0.5);
    const [pid = 0] = pids(runtime);
    stopping.abort();
    await assert.rejects(load, failsWith('cancelled'));
    await until(() => !isAlive(pid));
    assert.equal(runtime.status.chat.state, 'unloaded');
  });

  it('a load goes on while somebody still waits for it', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-load')));
    const stopping = new AbortController();
    const other = new AbortController();
    const first = runtime.load('chat', stopping.signal);
    const second = runtime.load('completion', other.signal);
    await until(() => pids(runtime).length === 1);
    const [pid = 0] = pids(runtime);
    stopping.abort();
    await assert.rejects(first, failsWith('cancelled'));
    assert.ok(isAlive(pid));
    assert.equal(runtime.status.completion.state, 'loading');
    other.abort();
    await assert.rejects(second, failsWith('cancelled'));
    await until(() => !isAlive(pid));
  });

  it('a load that was cancelled can be asked for again at once', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-load')));
    const first = new AbortController();
    const load = runtime.load('chat', first.signal);
    await until(() => pids(runtime).length === 1);
    first.abort();
    const second = new AbortController();
    const again = runtime.load('chat', second.signal);
    await assert.rejects(load, failsWith('cancelled'));
    await until(() => runtime.status.chat.state === 'loading' && runtime.status.chat.progress === 0.5 && pids(runtime).length === 1);
    second.abort();
    await assert.rejects(again, failsWith('cancelled'));
  });

  it('unloading ends the process, and open requests end with cancelled', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-2')));
    const answer = chat(runtime, 'Why?').catch((error: unknown) => error);
    await until(() => runtime.status.chat.state === 'generating');
    const [pid = 0] = pids(runtime);
    await runtime.unload('chat');
    assert.equal(isAlive(pid), false);
    assert.ok(EngineError.is(await answer, 'cancelled'));
    assert.equal(runtime.status.chat.state, 'unloaded');
  });

  it('an idle model is unloaded after the set time and loaded again when it is needed', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('ok'), { unloadAfterMs: 50 }));
    await chat(runtime, 'Why?', { maxTokens: 1 });
    const [pid = 0] = pids(runtime);
    await until(() => !isAlive(pid));
    assert.equal(runtime.status.chat.state, 'unloaded');
    assert.equal((await chat(runtime, 'Why?', { maxTokens: 1 })).text, '0 ');
  });

  it('other options let the open request end, then load the new model', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('slow-2')));
    const stopping = new AbortController();
    const old = chat(runtime, 'Why?', { signal: stopping.signal }).catch((error: unknown) => error);
    await until(() => runtime.status.chat.state === 'generating');
    const [oldPid = 0] = pids(runtime);
    runtime.configure(optionsFor(fakeModel('ok')));
    const next = chat(runtime, 'Why?', { maxTokens: 2 });
    await until(() => runtime.status.chat.state === 'loading');
    assert.deepEqual(pids(runtime), [oldPid]);
    stopping.abort();
    assert.ok(EngineError.is(await old, 'cancelled'));
    assert.equal((await next).text, '0 1 ');
    assert.equal(isAlive(oldPid), false);
  });

  it('options that change nothing about a worker leave it alone', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('ok')));
    await runtime.load('chat', signal);
    const before = pids(runtime);
    runtime.configure(optionsFor(fakeModel('ok'), { unloadAfterMs: 5_000, exitAfterMs: 7 }));
    assert.deepEqual(pids(runtime), before);
    assert.equal(runtime.status.chat.state, 'ready');
  });

  it('a worker does not outlive the runtime', async () => {
    const runtime = runtimeWith(optionsFor(fakeModel('ok')));
    await runtime.load('chat', signal);
    const [pid = 0] = pids(runtime);
    runtime.dispose();
    await until(() => !isAlive(pid));
  });
});
