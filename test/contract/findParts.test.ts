import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { openNetwork } from '../../src/engine/models/fetch/network.js';
import type { FileFinder, RangeSource } from '../../src/engine/models/fetch/rangeSource.js';
import { findPart, serverLimitMs } from '../../src/engine/models/store/findParts.js';
import type { DownloadPart } from '../../src/engine/models/store/downloadRecord.js';
import { isFailure } from '../support/failures.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { ManualClock } from '../support/manualClock.js';
import { sha256Of, someBytes } from '../support/useHub.js';

const bytes = someBytes(10_000);
const part: DownloadPart = { name: 'model.gguf', bytes: bytes.length, sha256: sha256Of(bytes) };

describe('who has a part of a model', () => {
  const home = checkLeaks();
  let hub: HubServer;
  let url: string;
  let clock: ManualClock;
  let asked: (readonly [string, number | null])[];

  beforeEach(async () => {
    clock = new ManualClock();
    asked = [];
    hub = await HubServer.open(home);
    hub.put('someone/some-model', 'model.gguf', bytes);
    url = hub.url('someone/some-model', 'model.gguf');
  });

  const near: RangeSource = {
    from: 'studio',
    bytes: bytes.length,
    ranges: true,
    read: () => {
      throw new Error('not read here');
    },
  };
  /** A pod in which one machine has the part, or none. */
  const pod = (...sources: readonly RangeSource[]): FileFinder => ({
    find: async (sha256, size) => {
      asked.push([sha256, size]);
      return sources;
    },
  });
  const find = (wanted: DownloadPart, finder: FileFinder, address = url, signal = new AbortController().signal) => {
    const network = openNetwork(hub.network(), { clock, random: () => 0.5, env: {} });
    home.atEnd(() => network.dispose());
    return findPart(wanted, address, { network, pod: finder }, signal);
  };
  /** An address where somebody listens who never answers. */
  async function silent(): Promise<string> {
    const open = new Set<net.Socket>();
    const server = net.createServer((socket) => open.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    home.atEnd(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/model.gguf`;
  }

  it('a paired machine comes before the server, which is asked when it fails', async () => {
    const found = await find(part, pod(near));
    assert.equal(found.sources[0], near);
    assert.match(found.sources[1]?.from ?? '', /127\.0\.0\.1/);
    assert.deepEqual(asked, [[part.sha256, bytes.length]]);
  });

  it('where only the server knows the checksum, the pod is asked for that one', async () => {
    const found = await find({ ...part, bytes: null, sha256: null }, pod(near));
    assert.deepEqual(asked, [[part.sha256, bytes.length]]);
    assert.equal(found.sources[0], near);
    assert.equal(found.sha256, part.sha256);
  });

  it('a paired machine is enough where the server says no, also for the size', async () => {
    const found = await find({ ...part, bytes: null }, pod(near), hub.url('someone/some-model', 'renamed.gguf'));
    assert.deepEqual({ bytes: found.bytes, sources: found.sources }, { bytes: bytes.length, sources: [near] });
  });

  it('a server that does not answer is not waited for when a paired machine has the part', async () => {
    const finding = find(part, pod(near), await silent());
    while (clock.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(serverLimitMs);
    assert.deepEqual((await finding).sources, [near]);
  });

  it('a cancelled search is cancelled, whoever has the part', async () => {
    const stopping = new AbortController();
    const finding = find(part, pod(near), await silent(), stopping.signal);
    while (clock.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stopping.abort();
    await assert.rejects(finding, isFailure('cancelled'));
  });

  it('without a paired machine it is what the server says', async () => {
    await assert.rejects(find(part, pod(), hub.url('someone/some-model', 'renamed.gguf')), isFailure('notOnServer'));
    assert.deepEqual((await find(part, pod())).sources.length, 1);
  });

  it('another file under the same name is refused, and its checksums are said', async () => {
    hub.put('someone/some-model', 'model.gguf', someBytes(10_000, 2));
    await assert.rejects(find(part, pod()), isFailure('checksumMismatch'));
  });
});
