import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Logger, nullLogSink } from '../../../src/engine/base/logger.js';
import { surplusFiles } from '../../../src/engine/pod/core/lending/cacheChoice.js';
import { type LeasedWeights, WeightCache } from '../../../src/engine/pod/net/lending/weightCache.js';

describe('choice of kept weights', () => {
  const files = [
    { name: 'new', bytes: 10, usedAt: 3 },
    { name: 'old', bytes: 20, usedAt: 1 },
    { name: 'middle', bytes: 30, usedAt: 2 },
  ];
  for (const [limit, gone] of [
    [60, []],
    [59, ['old']],
    [40, ['old']],
    [39, ['old', 'middle']],
    [0, ['old', 'middle', 'new']],
  ] as const) {
    it(`removes ${gone.length === 0 ? 'nothing' : gone.join(', ')} for a limit of ${limit}`, () => assert.deepEqual(surplusFiles(files, limit).map(({ name }) => name), gone));
  }
});

describe('weight cache', () => {
  const machine = 'ab'.repeat(32);
  const hash = (digit: string): string => digit.repeat(16);
  let root: string;
  let cache: WeightCache;

  beforeEach(() => {
    root = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-weights-')), 'cache');
    cache = new WeightCache(root, new Logger(nullLogSink, 'test'));
  });
  afterEach(() => fs.rmSync(path.dirname(root), { recursive: true, force: true }));

  const open = async (limit = 1_000, who = machine): Promise<LeasedWeights> => {
    const weights = await cache.open(who, limit);
    assert.ok(weights);
    return weights;
  };
  /** Writes a tensor as ggml does, used so many seconds ago. */
  const write = (weights: LeasedWeights, name: string, bytes: number, secondsAgo = 0): void => {
    const file = path.join(weights.directory, name);
    fs.writeFileSync(file, Buffer.alloc(bytes));
    const at = Date.now() / 1_000 - secondsAgo;
    fs.utimesSync(file, at, at);
  };
  const kept = (): string[] => fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).sort();

  it('keeps what was written in full', async () => {
    const weights = await open();
    weights.expect(hash('a'), 100);
    write(weights, hash('a'), 100);
    await weights.close();
    assert.deepEqual(kept(), [hash('a')]);
  });

  it('removes what the layer server has not written in full', async () => {
    const weights = await open();
    for (const name of ['a', 'b', 'c']) weights.expect(hash(name), 100);
    write(weights, hash('a'), 99);
    write(weights, hash('b'), 100);
    await weights.close();
    assert.deepEqual(kept(), [hash('b')]);
  });

  it('removes what was written in a lease whose end nobody saw, and keeps what was there before', async () => {
    const before = await open();
    write(before, hash('a'), 10, 60);
    await before.close();
    const unseen = await open();
    write(unseen, hash('b'), 10);
    await open();
    assert.deepEqual(kept(), [hash('a'), 'in-use']);
  });

  it('is within its limit after a lease, over all machines, the least recently used first', async () => {
    const first = await open();
    write(first, hash('a'), 400, 30);
    write(first, hash('b'), 400, 10);
    await first.close();
    const second = await open(1_000, 'cd'.repeat(32));
    write(second, hash('c'), 400, 20);
    await second.close();
    assert.deepEqual(kept(), [hash('b'), hash('c')]);
  });

  it('is within its limit before a lease', async () => {
    const first = await open();
    write(first, hash('a'), 400, 30);
    write(first, hash('b'), 400, 10);
    await first.close();
    await open(500);
    assert.deepEqual(kept(), [hash('b'), 'in-use']);
  });

  it('is pruned while a lease writes', async () => {
    const weights = await open(1_000);
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      write(weights, hash(name), 400, 100 - index);
      weights.expect(hash(name), 400);
    }
    await cache.prune(1_000);
    assert.deepEqual(kept(), [hash('c'), hash('d'), 'in-use']);
  });

  it('keeps nothing for a limit of 0, and removes what is there', async () => {
    const weights = await open();
    write(weights, hash('a'), 10);
    await weights.close();
    assert.equal(await cache.open(machine, 0), null);
    assert.deepEqual(kept(), []);
  });

  it('makes no folder for a limit of 0', async () => {
    assert.equal(await cache.open(machine, 0), null);
    assert.ok(!fs.existsSync(root));
  });

  it('leaves files alone that are no weights', async () => {
    const weights = await open();
    fs.writeFileSync(path.join(weights.directory, 'notes.txt'), Buffer.alloc(5_000));
    await weights.close();
    assert.deepEqual(kept(), ['notes.txt']);
  });

  it('has a folder for each machine that only this user can enter', async () => {
    const [one, other] = [await open(), await open(1_000, 'cd'.repeat(32))];
    assert.notEqual(one.directory, other.directory);
    if (process.getuid !== undefined) assert.equal(fs.statSync(one.directory).mode & 0o077, 0);
  });

  it('a lease comes about also where nothing can be written', async () => {
    fs.writeFileSync(root, 'a file in its place');
    assert.equal(await cache.open(machine, 1_000), null);
  });
});
