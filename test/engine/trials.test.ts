import assert from 'node:assert/strict';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { EngineRuntime, type EngineRuntimeOptions } from '../../src/engine/runtime/engineRuntime.js';
import { forkWorker } from '../../src/engine/runtime/forkedWorker.js';
import { defaultRestartPolicy } from '../../src/engine/runtime/restartPolicy.js';
import { defaultPatience } from '../../src/engine/runtime/stuckWorker.js';
import { Trials } from '../../src/engine/runtime/trials.js';
import { FakePlacement } from '../support/fakePlacement.js';
import { chatOf, plentyOfMemory } from '../support/fakeWorkerRuntime.js';
import { checkLeaks } from '../support/leaks.js';
import { isRunning } from '../support/processes.js';
import { chat, failsWith, fakeModel, fakeWorkerFile, isAlive, optionsFor, until } from '../support/testClient.js';
import { calf, calfFile, workerFile } from '../support/workerProcess.js';

const signal = new AbortController().signal;

describe('trial of a model', () => {
  const home = checkLeaks();
  let runtime: EngineRuntime;
  let trials: Trials;
  let pids: number[];

  function start(entry: string, memory = plentyOfMemory): void {
    pids = [];
    const log = new Logger(nullLogSink, 'test');
    const launch: EngineRuntimeOptions['launch'] = (localMemory) => {
      const worker = forkWorker(entry, localMemory, log);
      pids.push(worker.pid ?? -1);
      return worker;
    };
    const setup: EngineRuntimeOptions = { launch, policy: defaultRestartPolicy, patience: defaultPatience, clock: systemClock, log, realPath: (file) => file, placement: new FakePlacement(), readMemory: async () => memory };
    runtime = new EngineRuntime(setup);
    trials = new Trials(setup, runtime);
    home.atEnd(() => runtime.dispose());
    home.atEnd(() => trials.dispose());
  }

  for (const role of ['chat', 'completion'] as const) {
    it(`reads about 512 tokens and answers up to 96 of them as ${role}, in a worker that ends with it`, async () => {
      start(workerFile);
      const { model, stats } = await trials.here(calfFile, role, signal);
      assert.deepEqual([model.path, model.remoteMachines], [calfFile, 0]);
      assert.ok(stats.promptTokens > 440 && stats.promptTokens < 600, `${stats.promptTokens} tokens of prompt`);
      assert.ok(stats.cachedTokens < 40, `${stats.cachedTokens} of them cached`);
      assert.ok(stats.generatedTokens >= 32 && stats.generatedTokens <= 96, `${stats.generatedTokens} tokens`);
      assert.ok(stats.promptTokensPerSecond > stats.decodeTokensPerSecond && stats.decodeTokensPerSecond > 0 && stats.timeToFirstTokenMs > 0);
      assert.deepEqual(pids.filter(isAlive), []);
    });
  }

  it('takes the memory of models that are idle', async () => {
    start(workerFile);
    runtime.configure(optionsFor(calf));
    await runtime.load('chat', signal);
    const [loaded = -1] = pids;
    await trials.here(calfFile, 'chat', signal);
    assert.equal(isRunning(loaded), false);
    assert.equal(runtime.status.chat.state, 'unloaded');
  });

  it('leaves a model alone that is answering', async () => {
    start(fakeWorkerFile);
    runtime.configure(optionsFor(fakeModel('slow-3')));
    const asking = new AbortController();
    const answer = chat(chatOf(runtime), 'Why?', { signal: asking.signal });
    await until(() => runtime.status.chat.state === 'generating');
    await trials.here('/fake/ok', 'chat', signal);
    assert.equal(runtime.status.chat.state, 'generating');
    asking.abort();
    await assert.rejects(answer, failsWith('cancelled'));
  });

  it('uses the settings of the role, so that it measures what the user has', async () => {
    start(workerFile);
    runtime.configure(optionsFor({ ...calf, threads: 1 }));
    assert.equal((await trials.here(calfFile, 'chat', signal)).model.threads, 1);
  });

  it('stays within the user’s memory budget', async () => {
    start(workerFile);
    runtime.configure(optionsFor(calf, { memoryBudgetBytes: 5_000_000 }));
    await assert.rejects(trials.here(calfFile, 'chat', signal), failsWith('insufficientMemory'));
  });

  it('loads nothing where the system has no memory left', async () => {
    start(workerFile, { ...plentyOfMemory, availableBytes: 1e6 });
    await assert.rejects(trials.here(calfFile, 'chat', signal), failsWith('memoryPressure'));
    assert.deepEqual(pids, []);
  });

  it('that is cancelled leaves no process, and its file is in use until then', async () => {
    start(fakeWorkerFile);
    const cancelled = new AbortController();
    const trial = trials.here('/fake/slow-load', 'chat', cancelled.signal);
    await until(() => pids.length > 0);
    assert.deepEqual(trials.heldFiles, ['/fake/slow-load']);
    cancelled.abort();
    await assert.rejects(trial, failsWith('cancelled'));
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(trials.heldFiles, []);
  });

  it('of a model that dies says so and does not start it again', async () => {
    start(fakeWorkerFile);
    await assert.rejects(trials.here('/fake/die-at-1', 'chat', signal), failsWith('workerLost'));
    assert.equal(pids.length, 1);
    await assert.rejects(trials.here('/fake/bad-file', 'chat', signal), failsWith('notGguf'));
  });

  it('on the pod is the model that runs there', async () => {
    start(fakeWorkerFile);
    runtime.configure(optionsFor(fakeModel('ok-local'), { completion: null, pod: { model: fakeModel('ok'), contextSize: 0, slots: 1 } }));
    const { model } = await trials.onPod(signal);
    assert.deepEqual([model.path, model.remoteMachines], ['/fake/ok', 1]);
  });

  it('on the pod is no answer of the local model, and without a pod there is none', async () => {
    start(fakeWorkerFile);
    await assert.rejects(trials.onPod(signal), failsWith('roleOff'));
    runtime.configure(optionsFor(fakeModel('ok-local'), { completion: null, pod: { model: fakeModel('bad-file'), contextSize: 0, slots: 1 } }));
    await assert.rejects(trials.onPod(signal), failsWith('notGguf'));
  });
});
