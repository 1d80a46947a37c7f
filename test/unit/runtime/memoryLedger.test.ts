import assert from 'node:assert/strict';
import type { ModelInfo } from '../../../src/engine/protocol/engineTypes.js';
import type { LoadParams, LoadResult } from '../../../src/engine/protocol/workerMessages.js';
import { fixedLoad, type LoadSource } from '../../../src/engine/runtime/layerPlacement.js';
import { MemoryLedger } from '../../../src/engine/runtime/memoryLedger.js';
import { isFailure } from '../../support/failures.js';
import { settle } from '../../support/manualClock.js';

const load: LoadParams = {
  model: { path: '/models/a.gguf', gpu: 'cpu', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] },
  completion: null,
  chat: { contextSize: 0, slots: 1 },
  remote: null,
};
const model = (ram: number, change: Partial<ModelInfo> = {}): ModelInfo => ({
  name: 'a', path: '/models/a.gguf', architecture: 'llama', fileBytes: 1_000, contextSize: 512, layers: 1, gpuLayers: 0, gpu: 'cpu', threads: 1, remoteMachines: 0,
  fim: false, kvType: 'f16', lora: [], memoryBytes: { ram, vram: 0 }, ...change,
});
const loaded = (chat: ModelInfo, completion: ModelInfo | null = null): LoadResult => ({ completion, chat, layerDevices: null, reduced: false, wrongRole: null });
const { signal } = new AbortController();

describe('memory budget of several workers', () => {
  let ledger: MemoryLedger;
  const source = (): LoadSource => ledger.within(fixedLoad(load));
  const budgetOf = async (of: LoadSource): Promise<number | undefined> => (await of.prepare(signal)).memoryBudgetBytes;
  beforeEach(() => {
    ledger = new MemoryLedger();
    ledger.budgetBytes = 10_000;
  });

  it('is none where the user has set none, but the second load begins when the first has taken its memory', async () => {
    ledger.budgetBytes = 0;
    const [first, second] = [source(), source()];
    assert.equal(await budgetOf(first), undefined);
    const waiting = second.prepare(signal);
    let given = false;
    void waiting.then(() => (given = true));
    await settle();
    assert.equal(given, false);
    first.loaded(loaded(model(4_000)));
    assert.deepEqual(await waiting, load);
  });

  it('is none where the user has set none, and a load through the network keeps nobody waiting', async () => {
    ledger.budgetBytes = 0;
    const remote = { ...load, remote: { endpoints: ['127.0.0.1:1'], gpuLayers: 1 } };
    const [pod, local] = [ledger.within(fixedLoad(remote)), source()];
    assert.deepEqual(await pod.prepare(signal), remote);
    assert.equal(await budgetOf(local), undefined);
    assert.deepEqual(await pod.prepare(signal), remote);
  });

  it('is what the others have left', async () => {
    const [first, second] = [source(), source()];
    assert.equal(await budgetOf(first), 10_000);
    first.loaded(loaded(model(4_000)));
    assert.equal(await budgetOf(second), 6_000);
    second.loaded(loaded(model(7_000)));
    assert.equal(await budgetOf(source()), 0);
  });

  it('is free again when a worker has ended', async () => {
    const first = source();
    await budgetOf(first);
    first.loaded(loaded(model(4_000)));
    first.ended();
    assert.equal(await budgetOf(source()), 10_000);
  });

  it('counts weights that two roles share once, and nothing that other machines hold', async () => {
    const [both, pod] = [source(), source()];
    await budgetOf(both);
    both.loaded(loaded(model(1_500), model(1_300)));
    assert.equal(await budgetOf(pod), 10_000 - 1_800);
    pod.loaded(loaded(model(200, { remoteMachines: 2, memoryBytes: { ram: 200, vram: 50_000 } })));
    assert.equal(await budgetOf(source()), 10_000 - 2_000);
  });

  it('is given to one load at a time, whether the one before works or fails', async () => {
    const [first, second, third] = [source(), source(), source()];
    await budgetOf(first);
    const waiting = [budgetOf(second), budgetOf(third)];
    let given = 0;
    for (const turn of waiting) void turn.then(() => given++);
    await settle();
    assert.equal(given, 0);
    first.ended();
    assert.equal(await waiting[0], 10_000);
    assert.equal(given, 1);
    second.loaded(loaded(model(1_000)));
    assert.equal(await waiting[1], 9_000);
  });

  it('does not wait for a load that was cancelled while it waited', async () => {
    const [first, second, third] = [source(), source(), source()];
    await budgetOf(first);
    const controller = new AbortController();
    const cancelled = second.prepare(controller.signal);
    const last = budgetOf(third);
    controller.abort();
    await assert.rejects(cancelled, isFailure('cancelled'));
    first.loaded(loaded(model(3_000)));
    assert.equal(await last, 7_000);
  });
});
