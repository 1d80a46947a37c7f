import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { systemClock } from '../../src/engine/base/clock.js';
import { failureOf } from '../../src/engine/base/errors.js';
import { journalPath } from '../../src/engine/models/fetch/journal.js';
import { openOnDisk, type OpenPart, placePart } from '../../src/engine/models/fetch/partFile.js';
import { isFailure } from '../support/failures.js';
import type { HubFault } from '../support/hubFaults.js';
import type { HubRequest } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { until } from '../support/testClient.js';
import { HubUser, sha256Of, someBytes } from '../support/useHub.js';

const pieceBytes = 16_384;
const fileBytes = 200_000;

/** Goes wrong the first so many times that a piece with this byte is read. */
function atByte(at: number, fault: HubFault, times = 1): (request: HubRequest) => HubFault | null {
  return ({ at: place, range }) => (place === 'storage' && range !== null && range.first <= at && at <= range.last && times-- > 0 ? fault : null);
}

describe('a download', () => {
  const home = checkLeaks();
  let user: HubUser;
  beforeEach(async () => {
    user = await HubUser.open(home, someBytes(fileBytes));
  });

  const left = async (): Promise<string[]> => (await fs.readdir(home.runtimeDirectory)).filter((name) => name.startsWith('model'));
  /** Bytes that were asked for since the source was opened, without those that had to be asked for again. */
  const asked = (): number => user.hub.reads.slice(1).reduce((sum, { range }) => sum + (range === null ? fileBytes : range.last - range.first + 1), 0);

  it('comes in parallel pieces, is hashed, and gets its name when it is whole', async () => {
    assert.deepEqual(await user.fetch(await user.source()), { sha256: user.sha256 });
    const first = user.hub.reads.slice(1).map(({ range }) => range?.first ?? -1);
    assert.deepEqual(first.sort((a, b) => a - b), Array.from({ length: 13 }, (_, index) => index * pieceBytes));
    assert.deepEqual(user.progress.at(-1), { receivedBytes: fileBytes, hashedBytes: fileBytes, from: `127.0.0.1:${user.hub.hubPort}` });
    await placePart(user.part, `${user.part}.whole`);
    assert.deepEqual(await left(), ['model.gguf.part.whole']);
    assert.deepEqual(await fs.readFile(`${user.part}.whole`), user.bytes);
  });

  it('never says that less has come or been hashed than before, nor that more has been hashed than has come', async () => {
    await user.fetch(await user.source());
    for (const [index, { receivedBytes, hashedBytes }] of user.progress.entries()) {
      const before = user.progress[index - 1] ?? { receivedBytes: 0, hashedBytes: 0 };
      assert.ok(receivedBytes >= before.receivedBytes && hashedBytes >= before.hashedBytes && hashedBytes <= receivedBytes);
    }
  });

  it('has the checksum of what came where nobody knows what it should be', async () => {
    assert.deepEqual(await user.fetch(await user.source(), { sha256: null }), { sha256: user.sha256 });
  });

  it('is whole with a connection that ended at any of its bytes', async () => {
    const small = await HubUser.open(home, someBytes(120, 3));
    const source = await small.source();
    for (let at = 0; at < 120; at++) {
      small.hub.fault = atByte(at, { kind: 'drop', at });
      await small.fetch(source, {}, { pieceBytes: 40 });
      assert.deepEqual(await fs.readFile(small.part), small.bytes, `dropped at ${at}`);
      assert.ok(small.hub.reads.some(({ range }) => range?.first === at), 'what came before is not asked for again');
      small.hub.requests.length = 0;
      await fs.rm(small.part);
    }
  });

  it('is whole with a connection that stood still', async () => {
    user.hub.fault = atByte(50_000, { kind: 'stall', at: 50_000 });
    await user.fetch(await user.source({}, new AbortController().signal, { stallMs: 300 }));
    assert.deepEqual(await fs.readFile(user.part), user.bytes);
  });

  it('goes on after 416, 429 and 503, and after another piece than the one that was asked for', async () => {
    const source = await user.source();
    const faults: HubFault[] = [{ kind: 'status', status: 416 }, { kind: 'status', status: 429, retryAfter: '2' }, { kind: 'status', status: 503 }, { kind: 'wrongPiece', by: 1 }, { kind: 'noRanges' }];
    user.hub.fault = ({ at }) => (at === 'storage' ? (faults.shift() ?? null) : null);
    await user.fetch(source);
    assert.deepEqual([faults, await fs.readFile(user.part)], [[], user.bytes]);
    assert.ok(user.clock.waits.includes(2_000));
  });

  it('over a slow line is seen and kept before a piece is whole', async () => {
    user.hub.fault = ({ range }) => (range !== null && range.last > 0 ? { kind: 'slow', bytesPerSecond: 20_000 } : null);
    const source = await user.source();
    const cancelling = new AbortController();
    const onProgress = ({ receivedBytes }: { readonly receivedBytes: number }): void => {
      if (receivedBytes > 0) cancelling.abort();
    };
    await assert.rejects(user.fetch(source, { onProgress, signal: cancelling.signal }, { clock: systemClock, connections: 1, pieceBytes: fileBytes }), isFailure('cancelled'));
    user.hub.fault = () => null;
    await user.fetch(source);
    const [{ receivedBytes: kept = 0 } = {}] = user.progress;
    assert.ok(kept > 0 && kept < 100_000, `${kept}`);
  });

  it('that ends at the same byte again and again is downloadBroken, and keeps what has come', async () => {
    user.hub.fault = atByte(50_000, { kind: 'drop', at: 50_000 }, Number.POSITIVE_INFINITY);
    const source = await user.source();
    await assert.rejects(user.fetch(source), isFailure('downloadBroken'));
    assert.deepEqual(await left(), ['model.gguf.part', 'model.gguf.part.journal']);
    const before = asked();
    user.hub.fault = () => null;
    await user.fetch(source);
    assert.ok(asked() - before < fileBytes - 50_000);
    assert.deepEqual(await fs.readFile(user.part), user.bytes);
  });

  describe('that was cancelled', () => {
    it('ends as cancelled, leaves no connection, and goes on from there', async () => {
      const source = await user.source();
      user.hub.fault = ({ range }) => (range !== null && range.first >= 100_000 ? { kind: 'stall', at: range.first + 1_000 } : null);
      const cancelling = new AbortController();
      const fetching = user.fetch(source, { signal: cancelling.signal });
      await until(() => user.progress.some(({ receivedBytes }) => receivedBytes >= 6 * pieceBytes));
      cancelling.abort();
      await assert.rejects(fetching, isFailure('cancelled'));
      await until(() => user.hub.answering === 0);
      const before = asked();
      user.hub.fault = () => null;
      await user.fetch(source);
      assert.ok(asked() - before <= fileBytes - 6 * pieceBytes);
      assert.ok((user.progress[0]?.receivedBytes ?? 0) >= 6 * pieceBytes);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('before it began makes nothing', async () => {
      const source = await user.source();
      await assert.rejects(user.fetch(source, { signal: AbortSignal.abort() }), isFailure('cancelled'));
      assert.deepEqual(await left(), []);
    });
  });

  describe('that goes on', () => {
    /** Ends a download at 100,000 bytes. */
    const begin = async (sha256: string | null = user.sha256): Promise<void> => {
      const source = await user.source();
      user.hub.fault = ({ range }) => (range !== null && range.first >= 98_304 ? { kind: 'status', status: 402 } : null);
      await assert.rejects(user.fetch(source, { sha256 }, { connections: 1 }), isFailure('serverRefused'));
      user.hub.fault = () => null;
      user.hub.requests.length = 0;
    };

    it('asks for what is missing only', async () => {
      await begin();
      await user.fetch(await user.source());
      assert.equal(asked(), fileBytes - 98_304);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('without a checksum goes on while the server says that the file is the same', async () => {
      await begin(null);
      assert.deepEqual(await user.fetch(await user.source(), { sha256: null }), { sha256: user.sha256 });
      assert.equal(asked(), fileBytes - 98_304);
    });

    it('begins anew when the file on the server has become another one', async () => {
      await begin(null);
      const other = someBytes(fileBytes, 7);
      user.hub.put('someone/some-model', 'model.gguf', other);
      assert.deepEqual(await user.fetch(await user.source(), { sha256: null }), { sha256: sha256Of(other) });
      assert.equal(asked(), fileBytes);
    });

    it('begins anew when the server does not say whether the file is the same', async () => {
      await begin(null);
      const source = await user.source();
      const { from, bytes, ranges } = source;
      await user.fetch({ from, bytes, ranges, read: (...piece) => source.read(...piece) }, { sha256: null });
      assert.equal(user.progress[0]?.receivedBytes, 0);
    });

    for (const [name, damage] of [
      ['is damaged', (text: string) => text.slice(0, -4)],
      ['is of another version of this program', (text: string) => text.replace('"format":1', '"format":2')],
      ['is of a file of another length', (text: string) => text.replace('"bytes":200000', '"bytes":199999')],
      ['says that bytes behind the end are there', (text: string) => text.replace('98304', '200001')],
      ['has pieces in disorder', (text: string) => text.replace('[[0,98304]]', '[[5000,98304],[0,6000]]')],
      ['is empty', () => ''],
    ] as const) {
      it(`begins anew when the journal ${name}`, async () => {
        await begin();
        const journal = await fs.readFile(journalPath(user.part), 'utf8');
        assert.notEqual(damage(journal), journal);
        await fs.writeFile(journalPath(user.part), damage(journal));
        await user.fetch(await user.source());
        assert.equal(asked(), fileBytes);
        assert.deepEqual(await fs.readFile(user.part), user.bytes);
      });
    }

    it('begins anew when the part is gone or shorter than the journal says', async () => {
      await begin();
      await fs.truncate(user.part, 50_000);
      await user.fetch(await user.source());
      assert.equal(asked(), fileBytes);
    });

    it('notices bytes that have changed on the disk', async () => {
      await begin();
      const file = await fs.open(user.part, 'r+');
      await file.write(Buffer.from([(user.bytes[10] ?? 0) ^ 1]), 0, 1, 10);
      await file.close();
      await assert.rejects(user.fetch(await user.source()), isFailure('checksumMismatch'));
    });

    it('asks for nothing when all bytes are there, and verifies them', async () => {
      const source = await user.source();
      await user.fetch(source);
      user.hub.requests.length = 0;
      await user.fetch(source);
      assert.deepEqual(user.hub.requests, []);
      assert.deepEqual(user.progress[0], { receivedBytes: fileBytes, hashedBytes: 0, from: source.from });
    });
  });

  describe('of wrong bytes', () => {
    it('is checksumMismatch, and nothing of it is kept', async () => {
      const source = await user.source();
      user.hub.fault = atByte(123_456, { kind: 'wrongByte', at: 123_456 });
      await assert.rejects(user.fetch(source), (error) => {
        const failure = failureOf(error);
        assert.deepEqual([failure.code, failure.code === 'checksumMismatch' && failure.expected], ['checksumMismatch', user.sha256]);
        return true;
      });
      assert.deepEqual(await left(), []);
    });

    it('is downloadBroken where the length is another one, before anything is written', async () => {
      const source = await user.source();
      await assert.rejects(user.fetch(source, { bytes: fileBytes + 1 }), isFailure('downloadBroken'));
      await assert.rejects(user.fetch([]), isFailure('downloadBroken'));
      assert.deepEqual(await left(), []);
    });

    it('is downloadBroken where the file becomes another one in the middle', async () => {
      const source = await user.source();
      user.hub.fault = ({ range }) => {
        if (range !== null && range.first >= 98_304) user.hub.put('someone/some-model', 'model.gguf', someBytes(fileBytes, 9));
        return null;
      };
      await assert.rejects(user.fetch(source, { sha256: null }), isFailure('downloadBroken'));
    });
  });

  describe('from a server without ranges', () => {
    const noRanges = ({ at }: HubRequest): HubFault | null => (at === 'storage' ? { kind: 'noRanges' } : null);

    it('is read in one go', async () => {
      user.hub.fault = noRanges;
      await user.fetch(await user.source());
      assert.equal(user.hub.reads.length, 2);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('keeps what has come over a connection that ended', async () => {
      user.hub.fault = noRanges;
      const source = await user.source();
      let drops = 1;
      user.hub.fault = () => (drops-- > 0 ? { kind: 'drop', at: 150_000 } : null);
      await user.fetch(source);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });
  });

  describe('on a disk', () => {
    /** A disk that takes so many bytes. */
    const disk = (room: number): OpenPart => async (file) => {
      const handle = await openOnDisk(file);
      return {
        read: (...place) => handle.read(...place),
        write: async (buffer, offset, length, position) => {
          const taken = Math.min(length, room);
          if (taken === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          room -= taken;
          return handle.write(buffer, offset, taken, position);
        },
        datasync: () => handle.datasync(),
        close: () => handle.close(),
      };
    };

    it('that gets full is diskFull, and goes on when there is room', async () => {
      const source = await user.source();
      await assert.rejects(user.fetch(source, {}, { openPart: disk(100_000) }), (error) => {
        assert.deepEqual(failureOf(error), { code: 'diskFull', path: user.part });
        return true;
      });
      await user.fetch(source);
      assert.ok((user.progress[0]?.receivedBytes ?? 0) > 50_000);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('that is full from the start makes no part', async () => {
      const full: OpenPart = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
      const source = await user.source();
      await assert.rejects(user.fetch(source, {}, { openPart: full }), isFailure('diskFull'));
      assert.deepEqual(await left(), []);
    });

    it('where nothing may be written is storageFailed', async () => {
      await fs.writeFile(`${user.part}.file`, '');
      await assert.rejects(user.fetch(await user.source(), { part: `${user.part}.file/model.part` }), isFailure('storageFailed'));
    });
  });

  describe('from several sources', () => {
    it('goes on with the next one when one fails for good', async () => {
      const other = await HubUser.open(home, user.bytes);
      const sources = [await user.source(), await other.source()];
      user.hub.fault = ({ range }) => (range !== null && range.first >= 50_000 ? { kind: 'status', status: 404 } : null);
      await user.fetch(sources);
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
      assert.deepEqual([...new Set(user.progress.map(({ from }) => from))], [`127.0.0.1:${user.hub.hubPort}`, `127.0.0.1:${other.hub.hubPort}`]);
    });

    it('fails with what the last one failed with', async () => {
      const other = await HubUser.open(home, user.bytes);
      const sources = [await user.source(), await other.source()];
      user.hub.fault = () => ({ kind: 'status', status: 404 });
      other.hub.fault = () => ({ kind: 'status', status: 402 });
      await assert.rejects(user.fetch(await other.source().catch(() => sources[0] ?? assert.fail()), { sources }), isFailure('serverRefused'));
    });

    it('begins anew with those that have given nothing when the bytes were wrong', async () => {
      const damaged = Buffer.from(user.bytes);
      damaged.writeUInt8(damaged.readUInt8(5) ^ 1, 5);
      const other = await HubUser.open(home, damaged);
      assert.deepEqual(await user.fetch([await other.source(), await user.source()]), { sha256: user.sha256 });
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('begins anew with the last one alone when what came from several was wrong together', async () => {
      const wrong = await HubUser.open(home, someBytes(fileBytes, 2));
      wrong.hub.fault = atByte(fileBytes / 2, { kind: 'status', status: 404 }, Infinity);
      assert.deepEqual(await user.fetch([await wrong.source(), await user.source()]), { sha256: user.sha256 });
      assert.deepEqual(await fs.readFile(user.part), user.bytes);
    });

    it('takes nothing from one whose file has another length', async () => {
      const other = await HubUser.open(home, someBytes(1_000));
      const sources = [await other.source(), await user.source()];
      await user.fetch(sources);
      assert.equal(other.hub.reads.length, 1);
    });
  });
});
