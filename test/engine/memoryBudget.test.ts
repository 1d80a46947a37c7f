import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { failureOf } from '../../src/engine/base/errors.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { GgufHeader } from '../../src/engine/models/gguf/ggufHeader.js';
import { checkModelFile } from '../../src/engine/models/gguf/modelFile.js';
import { estimateMemory } from '../../src/engine/models/memory/memoryEstimate.js';
import { neededBytes } from '../../src/engine/protocol/modelTypes.js';
import type { EngineNotice, KvType, ModelInfo } from '../../src/engine/protocol/engineTypes.js';
import { checkLeaks } from '../support/leaks.js';
import { writeSparseModel } from '../support/sparseModel.js';
import { openClient, optionsFor, until } from '../support/testClient.js';
import { calf } from '../support/workerProcess.js';

const { signal } = new AbortController();

describe('two models within one memory budget', () => {
  const home = checkLeaks();
  let folder: string;
  let file: string;
  let headers: readonly GgufHeader[];
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-budget-'));
    file = path.join(folder, 'large.gguf');
    writeSparseModel(file, { architecture: 'llama', layers: 4, embedding: 2_048, feedForward: 5_504, heads: 16, kvHeads: 16, vocabulary: 1_000 });
    ({ headers } = await checkModelFile(file, signal));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const need = (contextSize: number, kvType: KvType): number => neededBytes(estimateMemory(headers, [{ contextSize, sequences: 1 }], 512, kvType));
  const withBudget = (client: EngineClient, memoryBudgetBytes: number): Promise<void> =>
    client.configure(optionsFor(calf, { completion: { model: calf, contextSize: 512, slots: 1 }, chat: { model: { ...calf, path: file }, contextSize: 0, slots: 1 }, memoryBudgetBytes }));
  const modelOf = (client: EngineClient, role: 'completion' | 'chat'): ModelInfo => {
    const state = client.status[role];
    return state.state === 'ready' ? state.model : assert.fail(`${role} is ${state.state}`);
  };
  /** A daemon that has loaded both without a budget, and what the completion model took of it. */
  async function openWithBoth(): Promise<{ client: EngineClient; notices: EngineNotice[]; taken: number }> {
    const { client } = openClient(home);
    const notices: EngineNotice[] = [];
    home.atEnd(() => listening.dispose());
    const listening = client.onNotice((notice) => notices.push(notice));
    await withBudget(client, 0);
    await Promise.all([client.load('completion', signal), client.load('chat', signal)]);
    await until(() => client.status.completion.state === 'ready' && client.status.chat.state === 'ready');
    const { ram } = modelOf(client, 'completion').memoryBytes;
    return { client, notices, taken: ram };
  }

  it('the second gets what the first has left, which is less than it would have had, and the user is told', async () => {
    const { client, notices, taken } = await openWithBoth();
    assert.deepEqual([modelOf(client, 'chat').contextSize, modelOf(client, 'chat').kvType], [8_192, 'f16']);
    await withBudget(client, taken + need(4_096, 'q8_0'));
    await client.load('completion', signal);
    await client.load('chat', signal);
    await until(() => client.status.chat.state === 'ready' && notices.length > 0);
    // What a look at the model says is what the load has made of it.
    const [said] = (await client.models.fit(file, { role: 'chat', contextSize: 0 }, signal)).files;
    assert.deepEqual([said?.fit.verdict, said?.fit.contextSize, said?.fit.kvType], ['smallerContext', 4_096, 'q8_0']);
    assert.equal(said?.fit.availableBytes, need(4_096, 'q8_0'));
    const [alone] = (await client.models.fit(file, { role: null, contextSize: 0 }, signal)).files;
    assert.equal(alone?.fit.availableBytes, taken + need(4_096, 'q8_0'));
    const { contextSize, kvType, memoryBytes } = modelOf(client, 'chat');
    assert.deepEqual([contextSize, kvType], [4_096, 'q8_0']);
    assert.ok(memoryBytes.ram <= need(4_096, 'q8_0') * 1.01);
    assert.deepEqual(notices, [{ kind: 'reduced', role: 'chat', model: path.basename(file), contextSize, kvType }]);
  });

  it('without a budget the second plans when the first has taken its memory, also when both are asked for at the same time', async () => {
    const { client, records } = openClient(home);
    await withBudget(client, 0);
    await Promise.all([client.load('chat', signal), client.load('completion', signal)]);
    const steps = (): string[] => records.flatMap(({ message }) => /^contexts of|is ready with/.exec(message)?.[0] ?? []);
    await until(() => steps().length === 4);
    assert.deepEqual(steps(), ['contexts of', 'is ready with', 'contexts of', 'is ready with']);
  });

  it('the second is refused with the numbers where too little is left, and works when the first is gone', async () => {
    const { client, taken } = await openWithBoth();
    const budget = need(512, 'q4_0') + taken - 1_000_000;
    await withBudget(client, budget);
    await client.load('completion', signal);
    const failure = await client.load('chat', signal).then(() => assert.fail('it was loaded'), failureOf);
    assert.ok(failure.code === 'insufficientMemory');
    assert.equal(failure.availableBytes, budget - taken);
    assert.ok(failure.requiredBytes > failure.availableBytes);
    await client.unload('completion');
    await client.load('chat', signal);
    await until(() => client.status.chat.state === 'ready');
    assert.ok(modelOf(client, 'chat').contextSize > 512);
  });
});
