import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type PairedMachine, TrustStore } from '../../../src/engine/pod/net/identity/trustStore.js';
import { isFailure } from '../../support/failures.js';

const machine = (byte: string, name = 'mini'): PairedMachine => ({ fingerprint: byte.repeat(32), name, pairedAt: 1_700_000_000_000, addresses: [{ host: '10.0.0.2', port: 47_613 }] });
const one = machine('11');
const two = machine('22', 'studio');

describe('TrustStore', () => {
  let home: string;
  let file: string;

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-trust-'));
    file = path.join(home, 'pod', 'machines.json');
  });
  afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

  it('is empty at first, and writes nothing', async () => {
    const store = await TrustStore.open(file);
    assert.deepEqual(store.list(), []);
    assert.equal(store.problem, null);
    assert.equal(fs.existsSync(file), false);
  });

  it('keeps what was paired, for the next start too, readable by the user alone', async () => {
    const store = await TrustStore.open(file);
    await store.put(one);
    await store.put(two);
    assert.ok(store.has(one.fingerprint) && store.has(two.fingerprint));
    assert.deepEqual((await TrustStore.open(file)).list(), [one, two]);
    if (process.platform !== 'win32') assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  });

  it('a machine that is put again replaces what was known of it', async () => {
    const store = await TrustStore.open(file);
    await store.put(one);
    await store.put({ ...one, name: 'renamed' });
    assert.deepEqual((await TrustStore.open(file)).list().map(({ name }) => name), ['renamed']);
  });

  it('a removed machine is not trusted from the same moment on, nor after a restart', async () => {
    const store = await TrustStore.open(file);
    await store.put(one);
    await store.put(two);
    const removed = store.remove(one.fingerprint);
    assert.equal(store.has(one.fingerprint), false);
    assert.equal(await removed, true);
    assert.equal(await store.remove(one.fingerprint), false);
    assert.deepEqual((await TrustStore.open(file)).list(), [two]);
  });

  it('removing wins over a put of the same machine that is still being written', async () => {
    const store = await TrustStore.open(file);
    const put = store.put(one);
    const removed = store.remove(one.fingerprint);
    await put;
    assert.equal(await removed, true);
    assert.equal(store.has(one.fingerprint), false);
    assert.deepEqual((await TrustStore.open(file)).list(), []);
  });

  it('changes at the same time all stay', async () => {
    const store = await TrustStore.open(file);
    const many = Array.from({ length: 20 }, (_, index) => machine(index.toString(16).padStart(2, '0')));
    await Promise.all(many.map((each) => store.put(each)));
    assert.deepEqual((await TrustStore.open(file)).list(), many);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['machines.json']);
  });

  it('says when it has changed', async () => {
    const store = await TrustStore.open(file);
    const seen: number[] = [];
    const subscription = store.onChange(() => seen.push(store.list().length));
    await store.put(one);
    await store.remove(one.fingerprint);
    await store.remove(one.fingerprint);
    subscription.dispose();
    await store.put(two);
    assert.deepEqual(seen, [1, 0]);
  });

  it('a machine that could not be written is not trusted', async () => {
    const store = await TrustStore.open(file);
    fs.writeFileSync(path.dirname(file), 'a file is in the way');
    await assert.rejects(store.put(one), isFailure('storageFailed'));
    assert.equal(store.has(one.fingerprint), false);
    fs.rmSync(path.dirname(file));
    await store.put(two);
    assert.deepEqual((await TrustStore.open(file)).list(), [two]);
  });

  it('a machine that is removed is not trusted although it could not be written', async () => {
    const store = await TrustStore.open(file);
    await store.put(one);
    fs.rmSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(path.dirname(file), 'a file is in the way');
    await assert.rejects(store.remove(one.fingerprint), isFailure('storageFailed'));
    assert.equal(store.has(one.fingerprint), false);
  });

  const damaged: readonly (readonly [string, string])[] = [
    ['that is empty', ''],
    ['that is cut off', '{"version":1,"machines":[{"finger'],
    ['of an unknown version', JSON.stringify({ version: 2, machines: [] })],
    ['with a fingerprint that is none', JSON.stringify({ version: 1, machines: [{ ...one, fingerprint: 'mini' }] })],
    ['with a name that writes to a terminal as it likes', JSON.stringify({ version: 1, machines: [{ ...one, name: 'a\u001b[2J' }] })],
  ];
  for (const [name, text] of damaged) {
    it(`a list ${name} is set aside as it was: nobody is trusted, and the user can be told`, async () => {
      fs.mkdirSync(path.dirname(file));
      fs.writeFileSync(file, text);
      const store = await TrustStore.open(file);
      assert.deepEqual(store.list(), []);
      assert.ok(store.problem?.code === 'pairedListDamaged');
      assert.equal(fs.readFileSync(store.problem.keptAs, 'utf8'), text);
      await store.put(two);
      assert.equal((await TrustStore.open(file)).problem, null);
    });
  }
});
