import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { DownloadPart, DownloadRecord } from '../../src/engine/models/store/downloadRecord.js';
import type { InstalledRecord } from '../../src/engine/models/store/installedModels.js';
import { discardDownload, receivedBytes } from '../../src/engine/models/store/partsOnDisk.js';
import { type DownloadTools, runDownload } from '../../src/engine/models/store/runDownload.js';
import type { ModelSource } from '../../src/engine/protocol/modelTypes.js';
import { isFailure } from '../support/failures.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { sha256Of } from '../support/useHub.js';

const repository = 'someone/small-GGUF';
const name = 'small.gguf';
const header = ggufBytes({ 'general.architecture': 'llama' }, [{ name: 'blk.0.attn_q.weight', dimensions: [32], type: 0, offset: 0 }]);
const bytes = Buffer.concat([header, Buffer.alloc(64 * 1_024, 1)]);
/** As long, and another one. */
const others = Buffer.concat([header, Buffer.alloc(64 * 1_024, 2)]);

describe('the name that a download gets', () => {
  const home = checkLeaks();
  let hub: HubServer;
  let record: DownloadRecord;
  let file: string;

  beforeEach(async () => {
    hub = await HubServer.open(home);
    hub.put(repository, name, bytes);
    start({ kind: 'hub', repository, revision: 'main', file: name });
  });

  function start(source: ModelSource): void {
    const folder = path.join(home.runtimeDirectory, 'small');
    record = { id: 'one', name: 'small', quantization: '', source, folder, parts: [{ name, bytes: null, sha256: null }], acceptedLicence: null, state: { state: 'queued' } };
    file = path.join(folder, name);
  }
  /** Of which the server says no checksum. */
  const plainSource = (): ModelSource => ({ kind: 'url', url: `http://localhost:${hub.storagePort}/${encodeURIComponent(repository)}/${name}?signature=s3cret` });

  /** @param onFetched at the moment when all is here and verified, and nothing has its name yet */
  const run = (onFetched: () => Promise<void> = async () => undefined, tools: Partial<DownloadTools> = {}, signal = new AbortController().signal): Promise<InstalledRecord> =>
    runDownload(
      record,
      { pod: { find: async () => [] }, network: () => hub.network(), isOwn: () => false, ...tools },
      {
        onKnown: async (parts: readonly DownloadPart[]) => {
          record = { ...record, parts: [...parts] };
          if (parts.every(({ fetched }) => fetched !== undefined)) await onFetched();
        },
        onProgress: () => undefined,
      },
      signal,
    );
  const put = async (content: Uint8Array): Promise<void> => {
    await fs.mkdir(record.folder, { recursive: true });
    await fs.writeFile(file, content);
  };
  const filesThere = async (): Promise<string[]> => (await fs.readdir(record.folder)).toSorted();
  const readBytes = (): number => hub.reads.reduce((sum, { range }) => sum + (range === null ? bytes.length : range.last - range.first + 1), 0);

  for (const [what, content] of [
    ['of another length', Buffer.from('of somebody else')],
    ['of the same length', others],
  ] as const) {
    it(`is not taken from a file ${what} that somebody has put there meanwhile; when that is gone nothing has to come again`, async () => {
      await assert.rejects(run(() => put(content)), { failure: { code: 'fileInTheWay', path: file } });
      assert.ok((await fs.readFile(file)).equals(content));
      await assert.rejects(run(), isFailure('fileInTheWay'));
      await fs.rename(file, `${file}.mine`);
      const before = readBytes();
      assert.equal((await run()).checksum, 'matches');
      assert.ok(readBytes() - before < 100, 'it was fetched again');
      assert.deepEqual(await filesThere(), [name, `${name}.mine`]);
    });
  }

  it('is not waited for until the end when it is taken at the beginning', async () => {
    await put(others);
    await assert.rejects(run(), isFailure('fileInTheWay'));
    assert.ok((await fs.readFile(file)).equals(others));
    assert.deepEqual(await filesThere(), [name]);
  });

  it('may be that of the same file that somebody has put there meanwhile', async () => {
    const installed = await run(() => put(bytes));
    assert.equal(installed.files[0]?.actual, sha256Of(bytes));
    assert.deepEqual(await filesThere(), [name]);
  });

  it('is taken from the damaged file of an earlier download of the same', async () => {
    await put(others);
    await run(undefined, { isOwn: (own, source) => own === file && source === record.source });
    assert.ok((await fs.readFile(file)).equals(bytes));
    assert.deepEqual(await filesThere(), [name]);
  });

  it('a file of somebody else stays when the download is given up, also one of the same length', async () => {
    await assert.rejects(run(() => put(others)), isFailure('fileInTheWay'));
    await discardDownload(record, () => false);
    assert.ok((await fs.readFile(file)).equals(others));
    assert.deepEqual(await filesThere(), [name]);
  });

  it('of the same file that was there before stays when the download is given up', async () => {
    await put(bytes);
    await run();
    await discardDownload(record, () => false);
    assert.deepEqual(await filesThere(), [name]);
  });

  describe('without a checksum of the server', () => {
    beforeEach(() => start(plainSource()));

    it('is known again by the next daemon when this one ends before the model is in the list', async () => {
      assert.equal((await run()).checksum, 'unconfirmed');
      assert.equal(await receivedBytes(record), bytes.length);
      const before = readBytes();
      assert.equal((await run()).files[0]?.actual, sha256Of(bytes));
      assert.ok(readBytes() - before < 100, 'it was fetched again');
    });

    it('and when it is paused there', async () => {
      const pausing = new AbortController();
      await assert.rejects(run(async () => pausing.abort(), {}, pausing.signal), isFailure('cancelled'));
      const before = readBytes();
      await run();
      assert.ok(readBytes() - before < 100, 'it was fetched again');
      assert.deepEqual(await filesThere(), [name]);
    });

    it('is not taken from what has become another file meanwhile', async () => {
      await run();
      await put(others);
      await assert.rejects(run(), isFailure('fileInTheWay'));
      assert.ok((await fs.readFile(file)).equals(others));
    });

    it('is gone with the file when the download is given up before the model is in the list', async () => {
      await run();
      await discardDownload(record, () => false);
      await assert.rejects(fs.access(record.folder));
    });
  });
});
