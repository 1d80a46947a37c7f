import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { acquireLock, type LockOptions } from '../../../src/engine/daemon/instanceLock.js';

describe('instance lock', () => {
  let folder: string;
  let options: LockOptions;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sp-lock-'));
    options = { file: path.join(folder, 'daemon.lock'), answers: async () => false, startLimitMs: 0 };
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it('the first one gets it, and its file appears with its content', async () => {
    const outcome = await acquireLock(options);
    assert.ok(outcome.kind === 'acquired' && (await outcome.lock.held()));
    assert.equal((JSON.parse(fs.readFileSync(options.file, 'utf8')) as { pid: number }).pid, process.pid);
    assert.deepEqual(fs.readdirSync(folder), ['daemon.lock']);
  });

  it('the second one learns who has it while that one answers', async () => {
    await acquireLock(options);
    assert.deepEqual(await acquireLock({ ...options, answers: async () => true }), { kind: 'running', pid: process.pid });
  });

  it('a living owner that begins to answer within its time keeps it', async () => {
    await acquireLock(options);
    let asked = 0;
    const outcome = await acquireLock({ ...options, startLimitMs: 10_000, answers: async () => ++asked === 3 });
    assert.equal(outcome.kind, 'running');
  });

  it('an owner that never answers loses it', async () => {
    const first = await acquireLock(options);
    const second = await acquireLock(options);
    assert.ok(first.kind === 'acquired' && second.kind === 'acquired');
    assert.equal(await first.lock.held(), false);
    assert.equal(await second.lock.held(), true);
  });

  it('releasing leaves the lock of another alone', async () => {
    const first = await acquireLock(options);
    const second = await acquireLock(options);
    assert.ok(first.kind === 'acquired' && second.kind === 'acquired');
    await first.lock.release();
    assert.equal(await second.lock.held(), true);
    await second.lock.release();
    assert.deepEqual(fs.readdirSync(folder), []);
  });

  it('of many that find the same stale lock, one holds it in the end', async () => {
    fs.writeFileSync(options.file, JSON.stringify({ pid: 2 ** 22 + 1, nonce: 'old' }));
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => acquireLock({ ...options, answers: async () => true })));
    const holders = await Promise.all(outcomes.map((outcome) => outcome.kind === 'acquired' && outcome.lock.held()));
    assert.equal(holders.filter(Boolean).length, 1);
    assert.deepEqual(fs.readdirSync(folder), ['daemon.lock']);
  });

  for (const content of ['', 'null', '{}', '{"pid":-1,"nonce":"a"}', '{"pid":1.5,"nonce":"a"}', '{"pid":']) {
    it(`a lock that says ${JSON.stringify(content)} is replaced`, async () => {
      fs.writeFileSync(options.file, content);
      assert.equal((await acquireLock(options)).kind, 'acquired');
    });
  }
});
