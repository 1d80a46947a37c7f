import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { RangeSource } from '../../src/engine/models/fetch/rangeSource.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { everyone } from '../support/lendingMachine.js';
import { pairInProcess, type PodInProcess, startPod } from '../support/podInProcess.js';

/** More than the buffers of both ends hold. */
const content = randomBytes(24_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const signal = new AbortController().signal;

describe('model files of the pod', () => {
  const home = checkLeaks();
  let asking: PodInProcess;
  let studio: PodInProcess;
  let file: string;

  beforeEach(async () => {
    file = path.join(home.runtimeDirectory, 'model.gguf');
    fs.writeFileSync(file, content);
    asking = await startPod(home, 'asking', 'coordinator');
    studio = await startPod(home, 'studio', 'lender');
  });

  const gives = (machine: PodInProcess): void => void machine.files.set(sha256, { path: file, bytes: content.length });
  const find = (): Promise<readonly RangeSource[]> => asking.pod.files.find(sha256, content.length, signal);
  const read = async (source: RangeSource, offset = 0, length = content.length): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.read(offset, length, signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const only = ([source, ...others]: readonly RangeSource[]): RangeSource => {
    assert.ok(source);
    assert.deepEqual(others, []);
    return source;
  };

  it('a paired machine that has the file gives it, in pieces too', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    const source = only(await find());
    assert.deepEqual({ from: source.from, bytes: source.bytes, ranges: source.ranges }, { from: 'studio', bytes: content.length, ranges: true });
    assert.ok((await read(source)).equals(content));
    assert.ok((await read(source, 1_000_000, 10)).equals(content.subarray(1_000_000, 1_000_010)));
    assert.ok((await read(source, content.length - 1_000, 5_000)).equals(content.subarray(content.length - 1_000)));
  });

  it('nobody is found without a paired machine, and none is looked for', async () => {
    gives(studio);
    await studio.pod.share({ ...everyone, memoryLimit: 0 });
    assert.deepEqual(await find(), []);
  });

  it('a machine that does not have it is not found, nor one whose file has another size', async () => {
    await pairInProcess(asking, studio);
    assert.deepEqual(await find(), []);
    gives(studio);
    assert.deepEqual(await asking.pod.files.find(sha256, content.length + 1, signal), []);
  });

  it('a machine that has stopped sharing is not found, nor one that shares with others only', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    await studio.pod.share({ ...everyone, only: ['somebody else'] });
    assert.deepEqual(await find(), []);
    await studio.pod.share(null);
    assert.deepEqual(await find(), []);
  });

  for (const [who, unpair] of [
    ['it', () => studio.pod.unpair(asking.fingerprint)],
    ['this one', () => asking.pod.unpair(studio.fingerprint)],
  ] as const) {
    it(`a machine gives nothing more as soon as ${who} has ended the pairing`, async () => {
      gives(studio);
      await pairInProcess(asking, studio);
      const source = only(await find());
      await unpair();
      await assert.rejects(read(source), isFailure('notPaired'));
    });
  }

  it('a reading goes on where it was when its machine leaves in the middle and comes back', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    const source = only(await find());
    const { sharing } = studio.pod.status;
    assert.ok(sharing.state === 'on');
    const chunks: Uint8Array[] = [];
    let left = false;
    for await (const chunk of source.read(0, content.length, signal)) {
      chunks.push(chunk);
      if (left) continue;
      left = true;
      await studio.pod.share(null);
      setTimeout(() => void studio.pod.share({ ...everyone, memoryLimit: 0, port: sharing.port }), 500);
    }
    assert.ok(Buffer.concat(chunks).equals(content));
    // Others may be on this network too.
    await asking.until(({ machines }) => machines.some(({ fingerprint, link }) => fingerprint === studio.fingerprint && link !== null));
  });

  it('looking and reading can be cancelled', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    const stopping = new AbortController();
    const reading = only(await find()).read(0, content.length, stopping.signal)[Symbol.asyncIterator]();
    assert.equal((await reading.next()).done, false);
    stopping.abort();
    await assert.rejects(async () => {
      while ((await reading.next()).done !== true);
    }, isFailure('cancelled'));
    assert.deepEqual(await asking.pod.files.find(sha256, content.length, stopping.signal), []);
  });

  it('all machines that have it are found, and each gives it', async () => {
    const mini = await startPod(home, 'mini', 'lender');
    for (const lender of [studio, mini]) {
      gives(lender);
      await pairInProcess(asking, lender);
    }
    const found = await find();
    assert.deepEqual(found.map(({ from }) => from).toSorted(), ['mini', 'studio']);
    for (const source of found) assert.ok((await read(source)).equals(content));
  });
});
