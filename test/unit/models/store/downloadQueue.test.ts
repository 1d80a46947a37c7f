import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { deferred, type Deferred, raceAbort } from '../../../../src/engine/base/async.js';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../../../src/engine/base/logger.js';
import { TemporaryError } from '../../../../src/engine/models/fetch/retry.js';
import { DownloadQueue } from '../../../../src/engine/models/store/downloadQueue.js';
import { type DownloadRecord, readDownloads } from '../../../../src/engine/models/store/downloadRecord.js';
import type { InstalledRecord } from '../../../../src/engine/models/store/installedModels.js';
import { mostTries } from '../../../../src/engine/models/store/laterTries.js';
import type { DownloadListener } from '../../../../src/engine/models/store/runDownload.js';
import { someRecord } from '../../../support/installedRecord.js';
import { checkLeaks } from '../../../support/leaks.js';
import { ManualClock } from '../../../support/manualClock.js';

const log = new Logger(nullLogSink, 'test');
const installed: InstalledRecord = { ...someRecord, files: [{ path: '/m/x.gguf', bytes: 10, published: null, actual: null }], origin: 'downloaded' };
const failure = { code: 'serverUnreachable', host: 'hub.example', reason: 'ECONNREFUSED' } as const;
const unreachable = new EngineError(failure, { cause: new TemporaryError(failure) });

describe('queue of downloads', () => {
  const home = checkLeaks();
  let directory: string;
  let clock: ManualClock;
  let queue: DownloadQueue;
  /** The runs so far, each to be ended by the test. */
  let runs: { readonly id: string; readonly end: Deferred<InstalledRecord>; readonly listener: DownloadListener; readonly signal: AbortSignal }[];
  let done: number;
  let began: Deferred<void>;

  beforeEach(async () => {
    directory = path.join(home.runtimeDirectory, 'models');
    await open();
  });

  async function open(): Promise<void> {
    runs = [];
    done = 0;
    began = deferred();
    clock = new ManualClock();
    const { records } = await readDownloads(directory);
    const next = await DownloadQueue.open(
      {
        directory,
        clock,
        log,
        run: ({ id }, listener, signal) => {
          const end = deferred<InstalledRecord>();
          runs.push({ id, end, listener, signal });
          began.resolve();
          began = deferred();
          return raceAbort(end.promise, signal);
        },
        done: async () => void done++,
        isInstalled: () => false,
      },
      records,
    );
    home.atEnd(() => next.dispose());
    queue = next;
  }

  const record = (id: string): DownloadRecord => ({
    id,
    name: id,
    quantization: '',
    source: { kind: 'url', url: `https://hub.example/${id}.gguf` },
    folder: path.join(directory, 'files', id),
    parts: [{ name: `${id}.gguf`, bytes: null, sha256: null }],
    acceptedLicence: null,
    state: { state: 'queued' },
  });
  const states = (): (readonly [string, string])[] => queue.list.map(({ id, status }) => [id, status.state] as const);
  const changedTo = async (wanted: readonly (readonly [string, string])[]): Promise<void> => {
    while (JSON.stringify(states()) !== JSON.stringify(wanted)) await new Promise((resolve) => setImmediate(resolve));
  };

  it('nothing runs before it is started', async () => {
    await queue.add(record('a'));
    assert.equal(runs.length, 0);
    assert.equal(queue.busy, false);
    queue.start();
    assert.equal(runs.length, 1);
    assert.equal(queue.busy, true);
  });

  it('one runs at a time, and the next one when it is done', async () => {
    queue.start();
    await queue.add(record('a'));
    await queue.add(record('b'));
    assert.deepEqual(states(), [['a', 'downloading'], ['b', 'queued']]);
    const next = began.promise;
    runs[0]?.end.resolve(installed);
    await next;
    assert.deepEqual(states(), [['b', 'downloading']]);
    assert.equal(done, 1);
  });

  it('one that fails says why, and holds up no other', async () => {
    queue.start();
    await queue.add(record('a'));
    await queue.add(record('b'));
    runs[0]?.end.reject(unreachable);
    await changedTo([['a', 'failed'], ['b', 'downloading']]);
    await queue.resume('a');
    assert.deepEqual(states(), [['a', 'queued'], ['b', 'downloading']]);
  });

  it('one that is paused lets the next one run, and waits for its turn when it is resumed', async () => {
    queue.start();
    await queue.add(record('a'));
    await queue.add(record('b'));
    await queue.pause('a');
    assert.ok(runs[0]?.signal.aborted);
    assert.deepEqual(states(), [['a', 'paused'], ['b', 'downloading']]);
    await queue.resume('a');
    assert.deepEqual(runs.map(({ id }) => id), ['a', 'b']);
  });

  it('one that is cancelled is gone with what has come of it', async () => {
    queue.start();
    const wanted = record('a');
    await queue.add(wanted);
    await fs.mkdir(wanted.folder, { recursive: true });
    await fs.writeFile(path.join(wanted.folder, 'a.gguf.part'), 'half of it');
    await queue.cancel('a');
    assert.deepEqual(states(), []);
    await assert.rejects(fs.access(wanted.folder));
    await assert.rejects(queue.pause('a'), (error) => EngineError.is(error, 'unknownDownload'));
  });

  it('what ran when its daemon ended runs again with the next one; what was paused or had failed stays so', async () => {
    queue.start();
    for (const id of ['failed', 'paused', 'ran', 'waited']) await queue.add(record(id));
    runs[0]?.end.reject(unreachable);
    await changedTo([['failed', 'failed'], ['paused', 'downloading'], ['ran', 'queued'], ['waited', 'queued']]);
    await queue.pause('paused');
    void runs[2]?.listener.onKnown([{ name: 'ran.gguf', bytes: 1_000, sha256: 'a'.repeat(64) }]);
    await changedTo([['failed', 'failed'], ['paused', 'paused'], ['ran', 'downloading'], ['waited', 'queued']]);
    queue.dispose();
    await assert.rejects(raceAbort(new Promise(() => undefined), runs[2]?.signal ?? AbortSignal.abort()));
    await open();
    assert.deepEqual(states(), [['failed', 'failed'], ['paused', 'paused'], ['ran', 'queued'], ['waited', 'queued']]);
    queue.start();
    assert.deepEqual(runs.map(({ id }) => id), ['ran']);
  });

  describe('one that fails for want of a network', () => {
    const failed = async (error: EngineError = unreachable): Promise<void> => {
      runs.at(-1)?.end.reject(error);
      await changedTo([['a', 'failed']]);
    };
    const againAt = (): number | null => {
      const status = queue.list[0]?.status;
      return status?.state === 'failed' ? (status.againAt ?? null) : null;
    };
    /** How long it rests before it runs again, in minutes. */
    const rest = async (): Promise<number> => {
      const running = began.promise;
      let minutes = 0;
      for (; clock.waiting > 0; minutes++) await clock.advance(60_000);
      await running;
      return minutes;
    };

    beforeEach(async () => {
      queue.start();
      await queue.add(record('a'));
    });

    it('is tried again after longer and longer pauses, and says when', async () => {
      const pauses: number[] = [];
      for (let count = 0; count < 5; count++) {
        await failed();
        assert.ok(againAt() !== null);
        assert.equal(queue.busy, false);
        pauses.push(await rest());
        assert.deepEqual(states(), [['a', 'downloading']]);
      }
      assert.deepEqual(pauses, [1, 2, 5, 10, 10]);
      runs.at(-1)?.end.resolve(installed);
      await changedTo([]);
      assert.equal(clock.waiting, 0);
    });

    it('is not tried for ever', async () => {
      for (let count = 0; count < mostTries; count++) {
        await failed();
        await rest();
      }
      await failed();
      assert.equal(againAt(), null);
      assert.equal(clock.waiting, 0);
    });

    it('is tried again by the next daemon', async () => {
      await failed();
      queue.dispose();
      await open();
      assert.ok(againAt() !== null);
      queue.start();
      assert.equal(await rest(), 1);
    });

    it('is left to the user when he has said what is to become of it', async () => {
      await failed();
      await queue.pause('a');
      assert.equal(clock.waiting, 0);
      await queue.resume('a');
      await failed();
      await queue.cancel('a');
      assert.equal(clock.waiting, 0);
      assert.deepEqual(states(), []);
    });

    it('stays paused when it failed in the moment in which it was paused', async () => {
      const paused = queue.pause('a');
      runs.at(-1)?.end.reject(unreachable);
      await paused;
      assert.deepEqual(states(), [['a', 'paused']]);
      assert.equal(clock.waiting, 0);
      assert.equal((await readDownloads(directory)).records[0]?.state.state, 'paused');
    });

    for (const other of [failure, { code: 'serverRefused', url: 'https://hub.example/a.gguf', status: 404 }, { code: 'checksumMismatch', path: '/m/a', expected: 'a', actual: 'b' }, { code: 'diskFull', path: '/m/a' }] as const) {
      it(`is not one that fails with ${other.code} for good`, async () => {
        await failed(new EngineError(other));
        assert.equal(againAt(), null);
        assert.equal(clock.waiting, 0);
      });
    }
  });

  it('a record of the disk that cannot be is set aside', async () => {
    await queue.add(record('a'));
    const file = path.join(directory, 'downloads.json');
    await fs.writeFile(file, (await fs.readFile(file, 'utf8')).replace('"a.gguf"', '"../a.gguf"'));
    const { records, keptAs } = await readDownloads(directory);
    assert.deepEqual(records, []);
    assert.ok(keptAs !== null);
    await fs.access(keptAs);
  });

  it('what cannot be written to the disk is not begun', async () => {
    await fs.mkdir(path.join(directory, 'downloads.json'), { recursive: true });
    queue.start();
    await assert.rejects(queue.add(record('a')), (error) => EngineError.is(error, 'storageFailed'));
    assert.deepEqual(states(), []);
    assert.equal(runs.length, 0);
  });
});
