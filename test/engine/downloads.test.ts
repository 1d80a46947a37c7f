import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { FailureCode } from '../../src/engine/base/errors.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { Download, InstalledModel, ModelSource, ModelsStatus } from '../../src/engine/protocol/modelTypes.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { processesOf } from '../support/leftovers.mjs';
import { newAuthority } from '../support/testAuthority.js';
import { ended } from '../support/processes.js';
import { chat, failsWith, isAlive, openClient, optionsFor, until } from '../support/testClient.js';
import { calf } from '../support/workerProcess.js';

const signal = new AbortController().signal;
const repository = 'someone/calf-GGUF';
const source: ModelSource = { kind: 'hub', repository, revision: 'main', file: 'calf-q8_0.gguf' };
const mebibyte = 1_024 * 1_024;

describe('downloads of a daemon', () => {
  const home = checkLeaks();
  let bytes: Buffer;
  let hub: HubServer;
  let client: EngineClient;
  let directory: string;

  before(async () => {
    bytes = await fs.readFile(calf.path);
  });

  beforeEach(async () => {
    hub = await HubServer.open(home);
    hub.put(repository, 'calf-q8_0.gguf', bytes);
    directory = path.join(home.runtimeDirectory, 'downloads');
    await connect();
  });

  /** A client of the present daemon, which is started if there is none. */
  async function connect(): Promise<void> {
    ({ client } = openClient(home));
    await client.configure(optionsFor(calf));
    await client.models.network(hub.network({ directory }));
    await client.models.watch(true);
  }

  const status = (): ModelsStatus => {
    assert.ok(client.models.status);
    return client.models.status;
  };
  const download = (id: string): Download | undefined => status().downloads.find((one) => one.id === id);
  const from = (wanted: ModelSource): InstalledModel | undefined => status().installed.find((model) => JSON.stringify(model.source) === JSON.stringify(wanted));

  async function fetched(id: string, wanted = source): Promise<InstalledModel> {
    await until(() => download(id) === undefined || download(id)?.status.state === 'failed');
    const left = download(id);
    assert.equal(left, undefined, JSON.stringify(left));
    const model = from(wanted);
    assert.ok(model);
    return model;
  }

  async function failed(id: string): Promise<FailureCode> {
    await until(() => download(id)?.status.state === 'failed');
    const state = download(id)?.status;
    assert.ok(state?.state === 'failed');
    return state.failure.code;
  }

  const received = (id: string): number => download(id)?.receivedBytes ?? 0;
  const slowly = (bytesPerSecond: number): void => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'slow', bytesPerSecond } : null);
  };
  const servedBytes = (): number => hub.reads.reduce((sum, { range }) => sum + (range === null ? bytes.length : Math.min(range.last, bytes.length - 1) - range.first + 1), 0);
  const filesIn = async (folder: string): Promise<string[]> => (await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()).map(({ name }) => name);

  it('a model is fetched, verified and put in its place, and answers', async () => {
    const model = await fetched(await client.models.pull(source, null, signal));
    assert.equal(model.path, path.join(directory, 'someone', 'calf-GGUF', 'calf-q8_0.gguf'));
    assert.equal(model.origin, 'downloaded');
    assert.equal(model.checksum, 'matches');
    assert.ok((await fs.readFile(model.path)).equals(bytes));
    assert.deepEqual(await filesIn(directory), ['calf-q8_0.gguf']);
    await client.configure(optionsFor({ ...calf, path: model.path }));
    assert.notEqual((await chat(client, 'Hello', { maxTokens: 8 })).text, '');
    await assert.rejects(client.models.remove(model.id), failsWith('modelInUse'));
    await client.unload('chat');
    await client.models.remove(model.id);
    assert.deepEqual(await filesIn(directory), []);
    assert.equal(from(source), undefined);
  });

  it('a paused download keeps what has come and goes on from there', async () => {
    slowly(mebibyte);
    const id = await client.models.pull(source, null, signal);
    await until(() => received(id) > mebibyte);
    await client.models.pause(id);
    assert.equal(download(id)?.status.state, 'paused');
    assert.ok(received(id) > 0);
    hub.fault = () => null;
    const before = servedBytes();
    // Asking for it once more goes on with it as well.
    assert.equal(await client.models.pull(source, null, signal), id);
    await fetched(id);
    assert.ok(servedBytes() - before < bytes.length, 'everything was fetched again');
  });

  it('while a download runs its rate and the time that is left are said', async () => {
    slowly(mebibyte);
    const id = await client.models.pull(source, null, signal);
    const seen = new Set<boolean>();
    client.models.onStatus(() => {
      const state = download(id)?.status;
      if (state?.state === 'downloading') seen.add(state.rate > 0 && state.secondsLeft !== null);
    });
    await until(() => seen.has(true));
    assert.equal(download(id)?.totalBytes, bytes.length);
    assert.equal(download(id)?.from, `127.0.0.1:${hub.hubPort}`);
    await client.models.cancel(id);
  });

  it('a cancelled download leaves nothing behind', async () => {
    slowly(mebibyte);
    const id = await client.models.pull(source, null, signal);
    await until(() => received(id) > mebibyte);
    assert.notDeepEqual(await filesIn(directory), []);
    await client.models.cancel(id);
    assert.equal(download(id), undefined);
    assert.deepEqual(await filesIn(directory), []);
    await assert.rejects(client.models.resume(id), failsWith('unknownDownload'));
  });

  it('the daemon that comes after a killed one goes on by itself with what ran, and leaves alone what was paused', async () => {
    hub.put(repository, 'other.gguf', bytes);
    const other: ModelSource = { ...source, file: 'other.gguf' };
    slowly(4 * mebibyte);
    const id = await client.models.pull(source, null, signal);
    const paused = await client.models.pull(other, null, signal);
    await client.models.pause(paused);
    await until(() => received(id) > 8 * mebibyte);
    const { pid } = await client.diagnostics();
    process.kill(pid, 'SIGKILL');
    await ended(pid);
    client.dispose();
    hub.fault = () => null;
    const before = servedBytes();
    await connect();
    await fetched(id);
    assert.equal(download(paused)?.status.state, 'paused');
    assert.ok(servedBytes() - before < bytes.length, 'everything was fetched again');
    await client.models.cancel(paused);
  });

  it('a download goes on when its window has closed, and the daemon ends after it', async () => {
    slowly(4 * mebibyte);
    const id = await client.models.pull(source, null, signal);
    await until(() => received(id) > 0);
    const { pid } = await client.diagnostics();
    client.dispose();
    await ended(pid);
    await connect();
    assert.equal(download(id), undefined);
    assert.equal(from(source)?.checksum, 'matches');
  });

  it('one download runs at a time, in the order in which they were asked for', async () => {
    hub.put(repository, 'second.gguf', bytes);
    const second: ModelSource = { ...source, file: 'second.gguf' };
    slowly(2 * mebibyte);
    const first = await client.models.pull(source, null, signal);
    const later = await client.models.pull(second, null, signal);
    await until(() => received(first) > 0);
    assert.equal(download(later)?.status.state, 'queued');
    hub.fault = () => null;
    await fetched(first);
    await fetched(later, second);
    assert.equal(status().downloads.length, 0);
  });

  it('who asks for the same at the same time gets the same download', async () => {
    slowly(mebibyte);
    const [one, other] = await Promise.all([client.models.pull(source, null, signal), client.models.pull(source, null, signal)]);
    assert.equal(one, other);
    assert.equal(status().downloads.length, 1);
    await client.models.cancel(one);
  });

  it('a file that somebody else has put where a download goes stays when that is cancelled', async () => {
    slowly(mebibyte);
    const id = await client.models.pull(source, null, signal);
    await until(() => received(id) > mebibyte);
    const file = path.join(directory, 'someone', 'calf-GGUF', 'calf-q8_0.gguf');
    await fs.writeFile(file, 'of somebody else');
    await client.models.cancel(id);
    assert.equal(await fs.readFile(file, 'utf8'), 'of somebody else');
    assert.deepEqual(await filesIn(directory), ['calf-q8_0.gguf']);
  });

  it('what is asked for again while it is cancelled is a new download', async () => {
    slowly(mebibyte);
    const id = await client.models.pull(source, null, signal);
    await until(() => received(id) > mebibyte);
    hub.fault = () => null;
    const [, again] = await Promise.all([client.models.cancel(id), client.models.pull(source, null, signal)]);
    const { path: file } = await fetched(again);
    assert.ok((await fs.readFile(file)).equals(bytes));
    assert.deepEqual(await filesIn(directory), ['calf-q8_0.gguf']);
  });

  it('a model that is being loaded is in use', async () => {
    const { id, path: file } = await fetched(await client.models.pull(source, null, signal));
    await client.configure(optionsFor({ ...calf, path: file }));
    const seen = new Set<string>();
    client.onStatus(({ chat: { state } }) => seen.add(state));
    const loading = client.load('chat', signal);
    await until(() => seen.has('loading'));
    await assert.rejects(client.models.remove(id), failsWith('modelInUse'));
    await loading;
  });

  it('a model that is being measured is in use', async () => {
    const { id } = await fetched(await client.models.pull(source, null, signal));
    const stopping = new AbortController();
    const measured = client.models.benchmark({ ids: [id], pod: false }, () => undefined, stopping.signal);
    measured.catch(() => undefined);
    await until(() => processesOf(home.runtimeDirectory).some(({ command }) => command.endsWith('worker.mjs') && !command.includes('daemon.cjs')));
    await assert.rejects(client.models.remove(id), failsWith('modelInUse'));
    stopping.abort();
    await assert.rejects(measured, failsWith('cancelled'));
    await until(() => client.models.remove(id).then(() => true, () => false));
  });

  it('a downloaded model that is imported by a link is still the downloaded one', async () => {
    const { id } = await fetched(await client.models.pull(source, null, signal));
    const link = path.join(home.runtimeDirectory, 'link.gguf');
    await fs.symlink(path.join(directory, 'someone', 'calf-GGUF', 'calf-q8_0.gguf'), link);
    const imported = await client.models.import(link, signal);
    assert.deepEqual({ id: imported.id, checksum: imported.checksum }, { id, checksum: 'matches' });
    await client.models.remove(id);
    assert.deepEqual(await filesIn(directory), []);
    await fs.lstat(link);
  });

  it('wrong bytes are thrown away, and asking again brings the right ones', async () => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'wrongByte', at: 5 * mebibyte } : null);
    const id = await client.models.pull(source, null, signal);
    assert.equal(await failed(id), 'checksumMismatch');
    assert.deepEqual(await filesIn(directory), []);
    assert.equal(from(source), undefined);
    hub.fault = () => null;
    await client.models.resume(id);
    assert.equal((await fetched(id)).checksum, 'matches');
  });

  it('what does not fit on the disk is not begun', async () => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'wrongTotal', total: 9e14 } : null);
    const id = await client.models.pull(source, null, signal);
    assert.equal(await failed(id), 'notEnoughDisk');
    assert.deepEqual(await filesIn(directory), []);
    await client.models.cancel(id);
  });

  it('a file that is no model is not taken, and nothing of it stays', async () => {
    hub.put(repository, 'notes.gguf', Buffer.alloc(100_000, 'notes '));
    const id = await client.models.pull({ ...source, file: 'notes.gguf' }, null, signal);
    assert.equal(await failed(id), 'notGguf');
    assert.deepEqual(await filesIn(directory), []);
    await client.models.cancel(id);
  });

  it('a file that is not there, or not for everybody, is said to be so', async () => {
    const id = await client.models.pull({ ...source, file: 'none.gguf' }, null, signal);
    assert.equal(await failed(id), 'notOnServer');
    await client.models.cancel(id);
    const gated = await HubServer.open(home, { token: 'hf_secret' });
    gated.put(repository, 'calf-q8_0.gguf', bytes);
    await client.models.network(gated.network({ directory }));
    const closed = await client.models.pull(source, null, signal);
    assert.equal(await failed(closed), 'accessDenied');
    await client.models.network(gated.network({ directory, token: 'hf_secret' }));
    await client.models.resume(closed);
    await fetched(closed);
    const kept = await Promise.all((await fs.readdir(path.join(home.runtimeDirectory, 'state'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => fs.readFile(path.join(entry.parentPath, entry.name))));
    assert.ok(kept.length > 0);
    assert.ok(kept.every((file) => !file.includes('hf_secret')), 'the token is on the disk');
  });

  it('all parts of a split model are fetched and verified before any has its name', async () => {
    const tensor = { dimensions: [32], type: 0, offset: 0 };
    const part = (index: number): Buffer =>
      Buffer.concat([
        ggufBytes({ 'general.architecture': 'llama', 'general.name': 'Two', 'split.count': 2, 'split.no': index }, [{ ...tensor, name: `blk.${index}.attn_q.weight` }]),
        Buffer.alloc(128 + 256 * 1_024, index + 1),
      ]);
    const names = ['big/two-00001-of-00002.gguf', 'big/two-00002-of-00002.gguf'];
    names.forEach((name, index) => hub.put(repository, name, part(index)));
    const split: ModelSource = { ...source, file: names[0] ?? '' };
    hub.fault = ({ at, path: asked }) => (at === 'storage' && asked.includes('00002-of') ? { kind: 'status', status: 501 } : null);
    const id = await client.models.pull(split, null, signal);
    assert.equal(await failed(id), 'serverRefused');
    assert.ok((await filesIn(directory)).every((name) => name.includes('.part')));
    hub.fault = () => null;
    await client.models.resume(id);
    const model = await fetched(id, split);
    assert.equal(model.parts, 2);
    assert.equal(model.checksum, 'matches');
    assert.deepEqual((await filesIn(directory)).toSorted(), ['two-00001-of-00002.gguf', 'two-00002-of-00002.gguf']);
  });

  it('a failure with more words of a server than can be told is told, and costs no other download its place', async () => {
    const names = Array.from({ length: 1_500 }, (_, index) => `10.99.${Math.floor(index / 250)}.${index % 250}`);
    const tls = await newAuthority(names);
    const other = await HubServer.open(home, { tls });
    await client.models.network(other.network({ directory, certificates: [tls.authority] }));
    const id = await client.models.pull(source, null, signal);
    assert.equal(await failed(id), 'serverUnreachable');
    assert.ok(await client.shutdown());
    await client.models.watch(true);
    assert.equal(await failed(id), 'serverUnreachable');
    await client.models.cancel(id);
  });

  it('a download that finds no network says when it is tried again; one that is refused for good does not', async () => {
    const againAt = (id: string): number | undefined => {
      const state = download(id)?.status;
      return state?.state === 'failed' ? state.againAt : undefined;
    };
    const untrusted = await HubServer.open(home, { tls: await newAuthority(['127.0.0.1']) });
    await client.models.network(untrusted.network({ directory }));
    const refused = await client.models.pull(source, null, signal);
    assert.equal(await failed(refused), 'serverUnreachable');
    assert.equal(againAt(refused), undefined);
    await hub.close();
    await client.models.network(hub.network({ directory }));
    const lost = await client.models.pull({ ...source, file: 'other.gguf' }, null, signal);
    const asked = Date.now();
    assert.equal(await failed(lost), 'serverUnreachable');
    assert.ok((againAt(lost) ?? 0) > asked);
    assert.ok(await client.shutdown());
    await client.models.watch(true);
    assert.equal(await failed(lost), 'serverUnreachable');
    assert.ok((againAt(lost) ?? 0) > asked);
    assert.equal(againAt(refused), undefined);
  });

  it('a name from elsewhere leads nowhere but into the folder of downloads', async () => {
    hub.put(repository, '..\\..\\evil.gguf', bytes);
    const id = await client.models.pull({ kind: 'url', url: hub.url(repository, '..%5C..%5Cevil.gguf') }, null, signal);
    await until(() => download(id) === undefined || download(id)?.status.state === 'failed');
    const placed = status().installed.find(({ origin }) => origin === 'downloaded');
    assert.ok(placed, JSON.stringify(download(id)));
    assert.ok(placed.path.startsWith(`${directory}${path.sep}`));
    assert.ok(!path.relative(directory, placed.path).includes('..'));
  });

  it('a licence that restricts the use has to be accepted by its id', async () => {
    const coder: ModelSource = { kind: 'catalogue', model: 'coder-1.3b-base', file: 'Q4_K_M' };
    await assert.rejects(client.models.pull(coder, null, signal), failsWith('licenceNotAccepted'));
    await assert.rejects(client.models.pull(coder, 'mit', signal), failsWith('licenceNotAccepted'));
    assert.equal(hub.requests.length, 0);
    const id = await client.models.pull(coder, 'deepseek-model', signal);
    assert.equal(await failed(id), 'notOnServer');
    await client.models.cancel(id);
  });

  it('so has one that only the file itself names', async () => {
    const header = ggufBytes({ 'general.architecture': 'llama', 'general.license': 'other', 'general.license.name': 'deepseek-license' }, [{ name: 'blk.0.attn_q.weight', dimensions: [32], type: 0, offset: 0 }]);
    hub.put(repository, 'bound.gguf', Buffer.concat([header, Buffer.alloc(128)]));
    const bound: ModelSource = { ...source, file: 'bound.gguf' };
    const offer = await client.models.inspect(bound, { role: null, contextSize: 0 }, signal);
    assert.equal(offer.licence?.restricted, true);
    const id = await client.models.pull(bound, null, signal);
    assert.equal(await failed(id), 'licenceNotAccepted');
    assert.equal(await client.models.pull(bound, offer.licence.id, signal), id);
    await fetched(id, bound);
  });

  it('a model of the list is not fetched again, and checked against what was published', async () => {
    const { id: model } = await fetched(await client.models.pull(source, null, signal));
    const before = servedBytes();
    assert.equal((await fetched(await client.models.pull(source, null, signal))).id, model);
    assert.ok(servedBytes() - before < bytes.length / 2, 'it was fetched again');
  });

  it('a changed file on the disk is noticed when it is verified', async () => {
    const { id, path: file } = await fetched(await client.models.pull(source, null, signal));
    const handle = await fs.open(file, 'r+');
    await handle.write(Buffer.from([0xff]), 0, 1, 6 * mebibyte);
    await handle.close();
    assert.equal((await client.models.verify(id, () => undefined, signal)).checksum, 'differs');
    assert.equal(from(source)?.checksum, 'differs');
  });

  it('how a terminal fetches ends with it, and a window decides again', async () => {
    const other = await HubServer.open(home);
    other.put(repository, 'calf-q8_0.gguf', bytes);
    const terminal = openClient(home).client;
    await terminal.models.network(other.network());
    await terminal.models.watch(true);
    await client.models.watch(true);
    assert.notEqual(status().directory, directory);
    terminal.dispose();
    await until(() => status().directory === directory);
    await fetched(await client.models.pull(source, null, signal));
    assert.equal(other.requests.length, 0);
  });

  it('a lost list is made again of what is in the folder of downloads', async () => {
    await client.models.network(hub.network());
    const { path: file } = await fetched(await client.models.pull(source, null, signal));
    const { pid } = await client.diagnostics();
    await client.shutdown();
    await until(() => !isAlive(pid));
    const state = path.join(home.runtimeDirectory, 'state', 'models');
    for (const name of ['installed.json', 'installed.json.copy']) await fs.writeFile(path.join(state, name), '{ "version": 1, "models": [');
    client.dispose();
    await connect();
    assert.ok(status().installed.some((model) => model.path === file));
    assert.ok((await fs.readdir(state)).some((name) => name.startsWith('installed.json.damaged-')));
  });
});
