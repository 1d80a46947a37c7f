import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../src/engine/base/errors.js';
import type { EngineOptions } from '../../src/engine/protocol/engineTypes.js';
import type { EngineRuntime } from '../../src/engine/runtime/engineRuntime.js';
import { chatOf, fakeWorkerRuntime } from '../support/fakeWorkerRuntime.js';
import { checkLeaks } from '../support/leaks.js';
import { everyone } from '../support/lendingMachine.js';
import { pairInProcess, type PodInProcess, startPod } from '../support/podInProcess.js';
import { type Answer, chat, failsWith, fakeModel, optionsFor, until } from '../support/testClient.js';
import { calfFile } from '../support/workerProcess.js';

const signal = new AbortController().signal;

/** Machines, keys, connections and leases are real; the worker plays, and so does what is lent, since no model is too large for a test. */
describe('a model that only the pod can hold', () => {
  const home = checkLeaks();
  let near: PodInProcess;
  let far: PodInProcess;
  let runtime: EngineRuntime;

  const ask = (options?: Parameters<typeof chat>[2]): Promise<Answer> => chat(chatOf(runtime), 'Why?', options);
  const answering = (): string => ('model' in runtime.status.chat ? runtime.status.chat.model.name : runtime.status.chat.state);

  /** The header is calf's, and the fake worker behaves as the name says. */
  function model(behaviour: string): NonNullable<EngineOptions['pod']> {
    const file = path.join(home.runtimeDirectory, behaviour);
    fs.symlinkSync(calfFile, file);
    return { model: { ...fakeModel(behaviour), path: file }, contextSize: 2_048, slots: 1 };
  }

  async function start(pod: string, change: Partial<EngineOptions> = {}): Promise<void> {
    [near, far] = await Promise.all([startPod(home, 'near', 'coordinator'), startPod(home, 'far', 'lender')]);
    // Less than calf needs.
    near.setFreeMemory(10e6);
    await pairInProcess(near, far);
    runtime = fakeWorkerRuntime(home, near.pod.placement);
    runtime.configure(optionsFor(fakeModel('ok-local'), { completion: null, pod: model(pod), ...change }));
  }

  const borrowed = (): boolean => far.pod.lending;

  it('is loaded there, and given back when it is unloaded', async () => {
    await start('ok');
    assert.equal((await ask({ maxTokens: 3 })).text, '0 1 2 ');
    assert.equal(answering(), 'ok');
    const { run } = near.pod.status;
    assert.ok(run.state === 'running');
    assert.deepEqual(run.parts.map(({ name, layers }) => [name, layers]), [['far', { first: 0, last: 5, output: true }]]);
    assert.ok(borrowed());
    await runtime.unload('chat');
    await until(() => !borrowed());
    await near.until((status) => status.run.state === 'idle');
  });

  it('ends its answer with podLost when the machine leaves; the local model answers, until the machine is back and nothing is open', async () => {
    await start('slow-3');
    let kept = '';
    const answer = ask({
      onEvent: (_event, text) => {
        if (text === '0 1 2 ' && kept !== text) void far.pod.share(null);
        kept = text;
      },
    });
    await assert.rejects(answer, (error) => EngineError.is(error, 'podLost') && error.failure.code === 'podLost' && error.failure.machine === 'far');
    assert.equal(kept, '0 1 2 ');
    assert.ok(near.pod.status.run.state === 'fallback');

    assert.equal((await ask({ maxTokens: 2 })).text, '0 1 ');
    assert.equal(answering(), 'ok-local');

    await far.pod.share({ ...everyone, memoryLimit: 0 });
    await near.until((status) => status.run.state === 'idle');
    assert.equal((await ask({ maxTokens: 2 })).text, '0 1 ');
    assert.equal(answering(), 'slow-3');
    assert.ok(borrowed());
  });

  it('is not there when nobody lends: the local model answers, and a load by hand says why', async () => {
    await start('ok');
    await far.pod.share(null);
    assert.equal((await ask({ maxTokens: 2 })).text, '0 1 ');
    assert.equal(answering(), 'ok-local');
    const { run } = near.pod.status;
    assert.ok(run.state === 'fallback');
    await assert.rejects(runtime.load('chat', signal), failsWith(run.failure.code));
  });

  it('a second coordinator is told who holds the machine, and gets it when it is free', async () => {
    await start('ok');
    await ask({ maxTokens: 1 });
    const other = await startPod(home, 'other', 'coordinator');
    other.setFreeMemory(10e6);
    await pairInProcess(other, far);
    const load = { model: { ...fakeModel('ok'), path: calfFile }, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote: null };
    other.pod.placement.aim(load);
    await assert.rejects(other.pod.placement.source(load).prepare(signal), (error) => EngineError.is(error, 'leaseHeld') && error.failure.code === 'leaseHeld' && error.failure.holder === 'near');
    await runtime.unload('chat');
    await other.until((status) => status.run.state === 'idle');
    const held = other.pod.placement.source(load);
    const { remote } = await held.prepare(signal);
    assert.equal(remote?.endpoints.length, 1);
    held.ended();
    await until(() => !borrowed());
  });

  it('a load that is given up in the middle gives everything back', async () => {
    await start('slow-load');
    const stopping = new AbortController();
    const load = runtime.load('chat', stopping.signal);
    await until(borrowed);
    stopping.abort();
    await assert.rejects(load, failsWith('cancelled'));
    await until(() => !borrowed());
    await near.until((status) => status.run.state === 'idle');
  });
});
