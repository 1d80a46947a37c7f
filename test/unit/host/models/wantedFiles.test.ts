import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Logger } from '../../../../src/engine/base/logger.js';
import type { WantedDownload } from '../../../../src/host/models/wantedDownloads.js';
import { WantedFiles } from '../../../../src/host/models/wantedFiles.js';
import { checkLeaks } from '../../../support/leaks.js';
import { someDownload, someFile } from '../../../support/modelExamples.js';

const wanted: WantedDownload = { id: someDownload.id, name: 'Coder', source: someFile.source, role: 'completion', fitsHere: true, listed: false };

describe('what downloads are wanted for, over windows', () => {
  const home = checkLeaks();
  const folder = (): string => path.join(home.runtimeDirectory, 'wantedDownloads');
  const open = (): WantedFiles => new WantedFiles(folder(), new Logger({ write: () => undefined }, 'test'));

  it('is nothing where nothing was wanted', async () => assert.deepEqual(await open().all(), []));

  it('is known to a window that is opened later, as one that the daemon has', async () => {
    await open().keep(wanted);
    assert.deepEqual(await open().all(), [{ ...wanted, listed: true }]);
  });

  it('is acted on by one window alone', async () => {
    await open().keep(wanted);
    const taken = await Promise.all([open(), open(), open()].map((files) => files.take(wanted)));
    assert.deepEqual(taken.toSorted(), [false, false, true]);
    assert.deepEqual(await open().all(), []);
  });

  it('is each of the two roles that windows want the same file for', async () => {
    const chat = { ...wanted, role: 'chat' } as const;
    await open().keep(wanted);
    await open().keep(chat);
    assert.equal(await open().take(wanted), true);
    assert.deepEqual(await open().all(), [{ ...chat, listed: true }]);
  });

  it('stays in its folder, whatever the id says', async () => {
    await open().keep({ ...wanted, id: '../../outside' });
    assert.deepEqual(fs.readdirSync(home.runtimeDirectory).filter((name) => name.includes('outside')), []);
    assert.equal((await open().all())[0]?.id, '../../outside');
  });

  it('passes over a damaged file, and keeps the others', async () => {
    await open().keep(wanted);
    fs.writeFileSync(path.join(folder(), 'broken.completion.json'), '{ "id": 1 }');
    assert.equal((await open().all()).length, 1);
  });
});
