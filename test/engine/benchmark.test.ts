import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { BenchmarkEvent, BenchmarkRow, Fit } from '../../src/engine/protocol/modelTypes.js';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import { calfRole, pair, PodMachine, podOptions } from '../support/podMachine.js';
import { failsWith, until } from '../support/testClient.js';
import { calf } from '../support/workerProcess.js';

const signal = new AbortController().signal;

/** Real daemons, workers, links and models. */
describe('benchmark of this machine', () => {
  const home = checkLeaks();
  let near: PodMachine;

  beforeEach(async () => {
    near = await PodMachine.start(home, 'near');
    await near.client.configure(podOptions({ pod: null }));
  });

  async function measure(pod: boolean, onEvent: (event: BenchmarkEvent) => void = () => undefined): Promise<BenchmarkRow[]> {
    return near.client.models.benchmark({ ids: [], pod }, onEvent, signal);
  }

  const running = async (client: EngineClient): Promise<number> => (await client.diagnostics()).workers.filter(({ pid }) => pid !== null).length;

  it('says how fast the installed models read and answer, and what was predicted', async () => {
    const events: BenchmarkEvent[] = [];
    const rows = await measure(false, (event) => events.push(event));
    const [row] = rows;
    assert.ok(row !== undefined && rows.length === 1 && row.failure === null);
    assert.deepEqual([row.path, row.where, row.machines, row.quantization !== '', row.bytes], [calf.path, 'here', 1, true, (await fs.stat(calf.path)).size]);
    assert.ok(row.promptTokens > 440 && row.generatedTokens >= 32 && row.timeToFirstTokenMs > 0);
    assert.ok(row.promptTokensPerSecond > row.decodeTokensPerSecond && row.decodeTokensPerSecond > 0);
    assert.ok(row.predictedTokensPerSecond !== null && row.predictedTokensPerSecond > 0);
    assert.deepEqual(events, [{ kind: 'measuring', model: row.model, where: 'here', done: 0, of: 1 }, { kind: 'row', row }]);
    assert.equal(await running(near.client), 0);
  });

  it('keeps what it has measured', async () => {
    const [row] = await measure(false);
    const file = path.join(near.env['SEEKPOD_STATE_DIR'] ?? '', 'models', 'benchmarks.json');
    const kept = JSON.parse(await fs.readFile(file, 'utf8'));
    assert.deepEqual(kept.results.map((result: { row: BenchmarkRow }) => result.row), [row]);
    assert.ok(kept.results[0].predicted > 0);
  });

  it('predicts a model by its own measurement from then on', async () => {
    const { models } = near.client;
    const fitOfCalf = async (): Promise<Fit | undefined> => (await models.fit(calf.path, { role: null, contextSize: 0 }, signal)).files[0]?.fit;
    const before = await fitOfCalf();
    assert.ok(before?.basis === 'header' && before.tokensPerSecond !== null);
    const [row] = await measure(false);
    assert.ok(row?.predictedTokensPerSecond);
    const after = await fitOfCalf();
    assert.equal(after?.basis, 'measured');
    const factor = Math.min(4, Math.max(1 / 4, row.decodeTokensPerSecond / row.predictedTokensPerSecond));
    assert.ok(Math.abs((after?.tokensPerSecond ?? 0) - before.tokensPerSecond * factor) < 1e-6 * before.tokensPerSecond);
  });

  it('has the pod beside this machine', async () => {
    const far = await PodMachine.start(home, 'far');
    await pair(near, far, await far.share());
    await near.until(() => (near.machine(far)?.link ?? null) !== null);
    await near.client.configure(podOptions());
    const [here, pod] = await measure(true);
    assert.ok(here?.failure === null && pod?.failure === null);
    assert.deepEqual([here.where, here.machines, pod.where, pod.machines, pod.path], ['here', 1, 'pod', 2, calf.path]);
    assert.ok(pod.decodeTokensPerSecond > 0 && pod.predictedTokensPerSecond !== null);
    await near.client.unload('chat');
  });

  it('of a pod that cannot says why and has measured this machine', async () => {
    await near.client.configure(podOptions({ pod: { ...calfRole, model: { ...calf, path: path.resolve('models/nowhere.gguf') } } }));
    const rows = await measure(true);
    assert.deepEqual(rows.map(({ where, failure }) => [where, failure?.code]), [['here', undefined], ['here', 'modelNotFound'], ['pod', 'modelNotFound']]);
  });

  it('ends with its worker when it is cancelled', async () => {
    const cancelled = new AbortController();
    const workers = (): boolean => processesOf(home.runtimeDirectory).some(({ command }) => command.endsWith('worker.mjs') && !command.includes('daemon.cjs'));
    const measured = near.client.models.benchmark({ ids: [], pod: false }, () => undefined, cancelled.signal);
    measured.catch(() => undefined);
    await until(workers);
    cancelled.abort();
    await assert.rejects(measured, failsWith('cancelled'));
    await until(() => !workers());
  });
});
