import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { DownloadRecord } from '../../../../src/engine/models/store/downloadRecord.js';
import { type Neighbours, planDownload } from '../../../../src/engine/models/store/planDownload.js';
import type { ModelSource } from '../../../../src/engine/protocol/modelTypes.js';
import { isFailure } from '../../../support/failures.js';
import { checkLeaks } from '../../../support/leaks.js';

const network = { endpoint: 'https://hub.example' };
const sourceIn = (repository: string, file = 'model.gguf'): ModelSource => ({ kind: 'hub', repository, revision: 'main', file });

describe('plan of a download', () => {
  const home = checkLeaks();
  const plan = (source: ModelSource, downloads: readonly DownloadRecord[] = [], isOf: Neighbours['isOf'] = () => false): Promise<DownloadRecord> =>
    planDownload(source, null, network, home.runtimeDirectory, { downloads, isOf });

  it('two sources whose names differ in their case alone do not share a file: many disks take them for one', async () => {
    const first = await plan(sourceIn('Owner/Name', 'Model.gguf'));
    const second = await plan(sourceIn('owner/name'), [first]);
    assert.equal(first.folder, path.join(home.runtimeDirectory, 'Owner', 'Name'));
    assert.equal(second.folder, path.join(home.runtimeDirectory, 'owner', 'name-2'));
  });

  it('says so when the folder of downloads cannot be looked at, and looks for no other one', async () => {
    // As on a network drive that has gone, or in a folder of another user.
    await fs.symlink('loop', path.join(home.runtimeDirectory, 'loop'));
    await assert.rejects(planDownload(sourceIn('owner/name'), null, network, path.join(home.runtimeDirectory, 'loop'), { downloads: [], isOf: () => false }), isFailure('storageFailed'));
  }).timeout(5_000);
});
