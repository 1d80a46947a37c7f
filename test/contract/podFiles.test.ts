import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { RangeSource } from '../../src/engine/models/fetch/rangeSource.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { everyone } from '../support/lendingMachine.js';
import { pairInProcess, type PodInProcess, startPod } from '../support/podInProcess.js';

const content = randomBytes(3_000_000);
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
    assert.ok((await read(source, 2_999_000, 5_000)).equals(content.subarray(2_999_000)));
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

  it('a machine that is no longer paired gives nothing more', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    const source = only(await find());
    await studio.pod.unpair(asking.fingerprint);
    await assert.rejects(read(source), (error) => isFailure('machineUnreachable')(error) || isFailure('notPaired')(error));
  });

  it('a machine that leaves ends the reading with its name, and gives again when it is back', async () => {
    gives(studio);
    await pairInProcess(asking, studio);
    const source = only(await find());
    const { sharing } = studio.pod.status;
    assert.ok(sharing.state === 'on');
    await studio.pod.share(null);
    await assert.rejects(read(source), (error) => isFailure('machineUnreachable')(error) && JSON.stringify(error).includes('studio'));
    await studio.pod.share({ ...everyone, memoryLimit: 0, port: sharing.port });
    await asking.until(({ machines }) => machines.some(({ presence }) => presence === 'connected'));
    assert.ok((await read(source)).equals(content));
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

  it('of two machines the one with the faster link is the first', async () => {
    const mini = await startPod(home, 'mini', 'lender');
    for (const lender of [studio, mini]) {
      gives(lender);
      await pairInProcess(asking, lender);
    }
    const found = await find();
    const links = new Map(asking.pod.status.machines.map(({ name, link }) => [name, link?.throughput ?? 0]));
    const speeds = found.map(({ from }) => links.get(from) ?? 0);
    assert.equal(found.length, 2);
    assert.ok(speeds.every((speed) => speed > 0));
    assert.deepEqual(speeds, speeds.toSorted((a, b) => b - a));
    for (const source of found) assert.ok((await read(source)).equals(content));
  });
});
