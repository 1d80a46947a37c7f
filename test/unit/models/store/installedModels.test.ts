import assert from 'node:assert/strict';
import path from 'node:path';
import { InstalledModels, type InstalledRecord } from '../../../../src/engine/models/store/installedModels.js';
import { withSums } from '../../../../src/engine/models/store/checksums.js';
import { isFailure } from '../../../support/failures.js';
import { checkLeaks } from '../../../support/leaks.js';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const record: InstalledRecord = {
  id: 'm1',
  name: 'x',
  files: [{ path: '/m/x.gguf', bytes: 10, published: a, actual: null }],
  architecture: 'llama',
  quantization: 'Q4_K_M',
  contextSize: 4_096,
  roles: ['chat'],
  fim: false,
  origin: 'imported',
  source: null,
  checksum: 'unchecked',
  traps: [],
};
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
