import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { RangeSource } from '../../src/engine/models/fetch/rangeSource.js';
import type { DownloadRecord } from '../../src/engine/models/store/downloadRecord.js';
import { receivedBytes } from '../../src/engine/models/store/partsOnDisk.js';
import { runDownload } from '../../src/engine/models/store/runDownload.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { sha256Of } from '../support/useHub.js';

const repository = 'someone/small-GGUF';
const bytes = Buffer.concat([ggufBytes({ 'general.architecture': 'llama' }, [{ name: 'blk.0.attn_q.weight', dimensions: [32], type: 0, offset: 0 }]), Buffer.alloc(128)]);

describe('a download with a paired machine nearer than the server', () => {
  const home = checkLeaks();
  let hub: HubServer;
  let record: DownloadRecord;

  beforeEach(async () => {
    hub = await HubServer.open(home);
    hub.put(repository, 'small.gguf', bytes);
    record = {
      id: 'one',
      name: 'small',
      quantization: '',
      source: { kind: 'hub', repository, revision: 'main', file: 'small.gguf' },
      folder: path.join(home.runtimeDirectory, 'small'),
      parts: [{ name: 'small.gguf', bytes: null, sha256: null }],
      acceptedLicence: null,
      state: { state: 'queued' },
    };
  });

  const run = (near: RangeSource['read']) =>
    runDownload(
      record,
      { pod: { find: async () => [{ from: 'studio', bytes: bytes.length, ranges: true, read: near }] }, network: () => hub.network(), isOwn: () => false },
      { onKnown: async () => undefined, onProgress: () => undefined },
      new AbortController().signal,
    );

  it('comes from the server when the file of the machine is damaged', async () => {
    const installed = await run(async function* (_offset, length) {
      yield Buffer.alloc(length, 7);
    });
    assert.equal(installed.files[0]?.actual, sha256Of(bytes));
    assert.ok((await fs.readFile(path.join(record.folder, 'small.gguf'))).equals(bytes));
  });

  it('counts as there what can be verified, and not a file with its name that nobody can', async () => {
    await fs.mkdir(record.folder);
    await fs.writeFile(path.join(record.folder, 'small.gguf'), bytes);
    const part = { name: 'small.gguf', bytes: bytes.length };
    assert.equal(await receivedBytes({ ...record, parts: [{ ...part, sha256: sha256Of(bytes) }] }), bytes.length);
    assert.equal(await receivedBytes({ ...record, parts: [{ ...part, sha256: null }] }), 0);
  });

  it('comes from the server when the machine has just left', async () => {
    const installed = await run(() => {
      throw new EngineError({ code: 'machineUnreachable', machine: 'studio', reason: 'it is not connected' });
    });
    assert.equal(installed.checksum, 'matches');
  });
});
