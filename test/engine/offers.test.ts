import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelsClient } from '../../src/engine/client/modelsClient.js';
import type { ModelSource } from '../../src/engine/protocol/modelTypes.js';
import { HubServer } from '../support/hubServer.js';
import { checkLeaks } from '../support/leaks.js';
import { failsWith, openClient, optionsFor } from '../support/testClient.js';
import { calf } from '../support/workerProcess.js';

const signal = new AbortController().signal;
const repository = 'someone/calf-GGUF';
const source: ModelSource = { kind: 'hub', repository, revision: 'main', file: 'calf-q8_0.gguf' };

describe('what a daemon offers', () => {
  const home = checkLeaks();
  let models: ModelsClient;
  let hub: HubServer;
  let bytes: Buffer;

  before(async () => {
    bytes = await fs.readFile(calf.path);
  });

  beforeEach(async () => {
    hub = await HubServer.open(home);
    hub.put(repository, 'calf-q8_0.gguf', bytes);
    const { client } = openClient(home);
    await client.configure(optionsFor(calf));
    models = client.models;
    await models.network(hub.network());
  });

  it('every file of the catalogue is judged, without a request to anybody, and the best one for each role is recommended', async () => {
    const offers = await models.offers({ role: null, contextSize: 0 }, signal);
    const files = offers.flatMap((offer) => offer.files);
    assert.ok(files.length > 20);
    for (const { fit, bytes: size } of files) {
      assert.ok(fit.memory.weights > 0 && fit.memory.kvCache > 0 && fit.availableBytes > 0, JSON.stringify(fit));
      assert.ok(size > 0);
    }
    const recommended = files.flatMap((file) => file.recommendedFor);
    assert.deepEqual(recommended.toSorted(), [...new Set(recommended)].toSorted());
    assert.ok(files.every(({ fit, recommendedFor }) => recommendedFor.length === 0 || fit.verdict !== 'tooLarge'));
    assert.equal(hub.requests.length, 0);
  });

  it('no base model is offered for chat, no instruct or reasoning model for completion', async () => {
    const offers = await models.offers({ role: null, contextSize: 0 }, signal);
    for (const { name, roles, fim } of offers) {
      assert.ok(!roles.includes('completion') || (roles.length === 1 && fim), name);
      assert.ok(!/instruct|R1/i.test(name) || !roles.includes('completion'), name);
    }
  });

  it('a model elsewhere is judged by its header, and nothing beyond it has to come', async () => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'stall', at: 4 * 1_024 * 1_024 } : null);
    const offer = await models.inspect(source, { role: null, contextSize: 2_048 }, signal);
    const [file] = offer.files;
    assert.equal(offer.files.length, 1);
    assert.equal(file?.quantization, 'Q8_0');
    assert.equal(file.bytes, bytes.length);
    assert.equal(file.fit.basis, 'header');
    assert.equal(file.fit.verdict, 'fits');
    assert.equal(file.fit.contextSize, 2_048);
    assert.equal(file.verified, true);
    assert.equal(file.installed, null);
    assert.ok(offer.fim);
    assert.equal(offer.unsupported, null);
    assert.ok(offer.layers > 0 && offer.parameters.total > 1e6);
  });

  it('of a repository all models are offered, judged by the header of the smallest', async () => {
    hub.put(repository, 'larger-Q8_0.gguf', Buffer.concat([bytes, Buffer.alloc(1_000)]));
    hub.put(repository, 'notes.txt', Buffer.from('notes'));
    const { files } = await models.inspect({ ...source, file: '*.gguf' }, { role: null, contextSize: 2_048 }, signal);
    assert.deepEqual(files.map((file) => [file.source.kind === 'hub' && file.source.file, file.bytes]), [['calf-q8_0.gguf', bytes.length], ['larger-Q8_0.gguf', bytes.length + 1_000]]);
    assert.equal(files[0]?.fit.memory.kvCache, files[1]?.fit.memory.kvCache);
    assert.deepEqual(files.map(({ fit }) => fit.basis), ['header', 'repository']);
    assert.ok(files.every(({ verified }) => verified));
    assert.ok(hub.reads.every(({ path: asked }) => !asked.includes('larger')));
    await assert.rejects(models.inspect({ ...source, file: '*Q4_K_M*.gguf' }, { role: null, contextSize: 0 }, signal), failsWith('notOnServer'));
    await assert.rejects(models.inspect({ ...source, repository: 'nobody/nothing', file: '*.gguf' }, { role: null, contextSize: 0 }, signal), failsWith('notOnServer'));
  });

  it('a file on this machine is judged as the same file elsewhere is', async () => {
    const here = await models.fit(calf.path, { role: null, contextSize: 2_048 }, signal);
    const there = await models.inspect(source, { role: null, contextSize: 2_048 }, signal);
    assert.deepEqual({ ...here.files[0]?.fit.memory, reserve: 0 }, { ...there.files[0]?.fit.memory, reserve: 0 });
    assert.deepEqual(here.parameters, there.parameters);
    assert.ok(here.files[0]?.source.kind === 'url' && here.files[0].source.url.startsWith('file:'));
    assert.deepEqual((await models.inspect(here.files[0].source, { role: null, contextSize: 2_048 }, signal)).parameters, here.parameters);
    await assert.rejects(models.pull(here.files[0].source, null, signal), failsWith('notOnServer'));
  });

  it('an installed model is known by its source', async () => {
    await models.watch(true);
    const file = path.join(home.runtimeDirectory, 'calf.gguf');
    await fs.copyFile(calf.path, file);
    const { id } = await models.import(file, signal);
    assert.equal((await models.fit(file, { role: null, contextSize: 0 }, signal)).files[0]?.installed, id);
  });

  it('what is no model elsewhere is said to be none', async () => {
    hub.put(repository, 'notes.gguf', Buffer.alloc(100_000, 'notes '));
    await assert.rejects(models.inspect({ ...source, file: 'notes.gguf' }, { role: null, contextSize: 0 }, signal), failsWith('notGguf'));
    await assert.rejects(models.inspect({ ...source, file: 'none.gguf' }, { role: null, contextSize: 0 }, signal), failsWith('notOnServer'));
    await assert.rejects(models.inspect({ kind: 'catalogue', model: 'r3', file: 'Q4_K_M' }, { role: null, contextSize: 0 }, signal), failsWith('unknownModel'));
    await assert.rejects(models.fit('/nowhere/a.gguf', { role: null, contextSize: 0 }, signal), failsWith('modelNotFound'));
  });

  it('an address of a file is that of one on this machine, or is said to be none', async () => {
    assert.equal((await models.inspect({ kind: 'url', url: pathToFileURL(calf.path).href }, { role: null, contextSize: 0 }, signal)).files.length, 1);
    for (const url of ['file://studio/models/a.gguf', 'file:///models%2Fa.gguf', 'file://%/a.gguf']) {
      await assert.rejects(models.inspect({ kind: 'url', url }, { role: null, contextSize: 0 }, signal), failsWith('modelUnreadable'), url);
      await assert.rejects(models.pull({ kind: 'url', url }, null, signal), failsWith('notOnServer'), url);
    }
  });

  it('a look at a model elsewhere can be given up', async () => {
    hub.fault = ({ at }) => (at === 'storage' ? { kind: 'stall', at: 1_000 } : null);
    const stopping = new AbortController();
    const looking = models.inspect(source, { role: null, contextSize: 0 }, stopping.signal);
    setTimeout(() => stopping.abort(), 100);
    await assert.rejects(looking, failsWith('cancelled'));
  });

  it('every licence of the catalogue has a text', async () => {
    for (const { licence } of await models.offers({ role: null, contextSize: 0 }, signal)) {
      assert.ok(licence !== null);
      assert.ok((await models.licenceText(licence.id)).length > 100, licence.id);
    }
    await assert.rejects(models.licenceText('nothing'), failsWith('unknownModel'));
  });
});
