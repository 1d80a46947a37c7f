import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { InstalledModels, type InstalledRecord } from '../../../../src/engine/models/store/installedModels.js';
import { withSums } from '../../../../src/engine/models/store/checksums.js';
import { someRecord } from '../../../support/installedRecord.js';
import { isFailure } from '../../../support/failures.js';
import { checkLeaks } from '../../../support/leaks.js';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const record: InstalledRecord = { ...someRecord, files: [{ path: '/m/x.gguf', bytes: 10, published: a, actual: null }] };
const sums = [{ path: '/m/x.gguf', bytes: 10, actual: a }];

describe('list of installed models', () => {
  const home = checkLeaks();
  let directory: string;
  let installed: InstalledModels;

  beforeEach(async () => {
    directory = path.join(home.runtimeDirectory, 'models');
    installed = await InstalledModels.open(directory, null);
    await installed.put(record);
  });

  it('what a long check has found is added to what the list says by then', async () => {
    const verified = withSums(installed.get('m1'), sums);
    assert.equal(verified.checksum, 'matches');
    const [, changed] = await Promise.all([installed.put({ ...record, name: 'y', source: { kind: 'url', url: 'https://hub.example/x.gguf' } }), installed.change('m1', (present) => withSums(present, sums))]);
    assert.deepEqual({ name: changed.name, checksum: changed.checksum }, { name: 'y', checksum: 'matches' });
    assert.deepEqual((await InstalledModels.open(directory, null)).list(), [changed]);
  });

  it('is made again of its copy when it is damaged, and is whole for whoever comes next', async () => {
    const file = path.join(directory, 'installed.json');
    await fs.writeFile(file, '{ "version": 1, "models": [');
    for (const count of [1, 2]) {
      const again = await InstalledModels.open(directory, null);
      assert.deepEqual(again.list(), [record], `opened ${count} times`);
      assert.equal(again.damagedKeptAs, null);
    }
    assert.ok((await fs.readdir(directory)).some((name) => name.startsWith('installed.json.damaged-')));
  });

  it('is made again of its copy also when it could not be written the first time', async () => {
    const file = path.join(directory, 'installed.json');
    await fs.rename(file, `${file}.damaged-1`);
    assert.deepEqual((await InstalledModels.open(directory, null)).list(), [record]);
    assert.deepEqual(JSON.parse(await fs.readFile(file, 'utf8')).models, [record]);
  });

  it('is damaged when its copy is, too', async () => {
    for (const name of ['installed.json', 'installed.json.copy']) await fs.writeFile(path.join(directory, name), 'not a list');
    const again = await InstalledModels.open(directory, null);
    assert.deepEqual(again.list(), []);
    assert.ok(again.damagedKeptAs !== null);
  });

  it('a copy that cannot be written costs nothing but the copy', async () => {
    await fs.rm(path.join(directory, 'installed.json.copy'));
    await fs.mkdir(path.join(directory, 'installed.json.copy'));
    await installed.put({ ...record, name: 'y' });
    assert.equal((await InstalledModels.open(directory, null)).list()[0]?.name, 'y');
  });

  it('sums are of the files that were hashed, and of no others that have come in their place', () => {
    for (const part of [{ path: '/m/z.gguf', bytes: 10 }, { path: '/m/x.gguf', bytes: 11 }]) {
      const others = [{ ...part, published: b, actual: b }];
      assert.deepEqual(withSums({ ...record, files: others, checksum: 'matches' }, sums).files, others);
    }
  });

  it('a model that was removed meanwhile does not come back', async () => {
    const removing = installed.remove('m1');
    await assert.rejects(installed.change('m1', (present) => withSums(present, sums)), isFailure('unknownModel'));
    await removing;
    assert.deepEqual(installed.list(), []);
    assert.deepEqual((await InstalledModels.open(directory, null)).list(), []);
  });
});
