import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BenchmarkResult } from '../../../../src/engine/models/fit/benchmark.js';
import { KeptBenchmarks } from '../../../../src/engine/models/store/benchmarkResults.js';
import { someRow } from '../../../support/modelExamples.js';

const resultOf = (file: string, rate: number, where: 'here' | 'pod' = 'here'): BenchmarkResult => ({ row: { ...someRow, path: file, where, decodeTokensPerSecond: rate }, predicted: 50 });
const shown = ({ list }: KeptBenchmarks): unknown[] => list.map(({ row }) => [row.path, row.where, row.decodeTokensPerSecond]);

describe('what was measured', () => {
  let directory: string;
  beforeEach(async () => (directory = await fs.mkdtemp(path.join(os.tmpdir(), 'seekpod-benchmarks-'))));
  afterEach(() => fs.rm(directory, { recursive: true, force: true }));

  it('is there after a restart, with what was predicted', async () => {
    await (await KeptBenchmarks.open(directory)).put(resultOf('/a', 40));
    assert.deepEqual((await KeptBenchmarks.open(directory)).list, [resultOf('/a', 40)]);
  });

  it('is kept once for each model and place, the last one', async () => {
    const kept = await KeptBenchmarks.open(directory);
    await Promise.all([kept.put(resultOf('/a', 40)), kept.put(resultOf('/a', 20, 'pod')), kept.put(resultOf('/b', 10)), kept.put(resultOf('/a', 41))]);
    const expected = [['/a', 'pod', 20], ['/b', 'here', 10], ['/a', 'here', 41]];
    assert.deepEqual(shown(kept), expected);
    assert.deepEqual(shown(await KeptBenchmarks.open(directory)), expected);
  });

  it('is limited to the last 256', async () => {
    const kept = await KeptBenchmarks.open(directory);
    for (let index = 0; index < 258; index++) await kept.put(resultOf(`/${index}`, 1));
    assert.deepEqual([kept.list.length, kept.list[0]?.row.path, (await KeptBenchmarks.open(directory)).list.length], [256, '/2', 256]);
  });

  it('that is damaged is set aside and lost to nobody', async () => {
    const file = path.join(directory, 'benchmarks.json');
    for (const text of ['{', '{"version":2,"results":[]}', JSON.stringify({ version: 1, results: [{ row: { ...someRow, decodeTokensPerSecond: -1 }, predicted: 1 }] })]) {
      await fs.writeFile(file, text);
      const kept = await KeptBenchmarks.open(directory);
      assert.deepEqual(kept.list, []);
      assert.equal(await fs.readFile(kept.damagedKeptAs ?? '', 'utf8'), text);
    }
  });
});
