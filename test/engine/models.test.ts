import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import type { ModelsClient } from '../../src/engine/client/modelsClient.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { checkLeaks } from '../support/leaks.js';
import { failsWith, openClient, optionsFor } from '../support/testClient.js';
import { calf } from '../support/workerProcess.js';

const signal = new AbortController().signal;

describe('installed models of a daemon', () => {
  const home = checkLeaks();
  let client: EngineClient;
  let models: ModelsClient;
  let directory: string;

  beforeEach(async () => {
    ({ client } = openClient(home));
    await client.configure(optionsFor(calf));
    models = client.models;
    await models.watch(true);
    directory = path.join(home.runtimeDirectory, 'own');
    await fs.mkdir(directory);
  });

  async function copyOfCalf(name: string): Promise<string> {
    const file = path.join(directory, name);
    await fs.copyFile(calf.path, file);
    return file;
  }

  it('the bundled model is in the list, for both roles', () => {
    const [bundled] = models.status?.installed ?? [];
    assert.equal(bundled?.origin, 'bundled');
    assert.equal(bundled.path, calf.path);
    assert.ok(bundled.roles.includes('completion') && bundled.roles.includes('chat'));
    assert.equal(bundled.missing, false);
  });

  it('the bundled model cannot be removed', async () => {
    await assert.rejects(models.remove(models.status?.installed[0]?.id ?? ''), failsWith('modelBundled'));
  });

  it('an imported file stays where it is, in the list and on the disk when it is removed again', async () => {
    const file = await copyOfCalf('mine-Q8_0.gguf');
    const imported = await models.import(file, signal);
    assert.equal(imported.path, file);
    assert.equal(imported.origin, 'imported');
    assert.equal(imported.quantization, 'Q8_0');
    assert.equal((await models.import(file, signal)).id, imported.id);
    await models.remove(imported.id);
    await fs.access(file);
    await assert.rejects(models.remove(imported.id), failsWith('unknownModel'));
  });

  it('a link and its file are one model, by the name that was given last', async () => {
    const file = await copyOfCalf('blob');
    const link = path.join(directory, 'snapshot.gguf');
    await fs.symlink(file, link);
    const { id } = await models.import(file, signal);
    const again = await models.import(link, signal);
    assert.equal(again.id, id);
    assert.equal(again.path, link);
  });

  it('any part of a split model stands for all of it', async () => {
    const part = (index: number): string => path.join(directory, `two-0000${index + 1}-of-00002.gguf`);
    for (const index of [0, 1]) {
      const header = ggufBytes({ 'general.architecture': 'llama', 'split.count': 2, 'split.no': index }, [{ name: `blk.${index}.attn_q.weight`, dimensions: [32], type: 0, offset: 0 }]);
      await fs.writeFile(part(index), Buffer.concat([header, Buffer.alloc(128)]));
    }
    const model = await models.import(part(1), signal);
    assert.equal(model.path, part(0));
    assert.equal(model.parts, 2);
    await fs.rm(part(1));
    await assert.rejects(models.import(part(0), signal), failsWith('modelNotFound'));
    await models.watch(true);
    assert.equal(models.status?.installed.find(({ id }) => id === model.id)?.missing, true);
  });

  it('a file that is no model is not taken', async () => {
    const file = path.join(directory, 'notes.gguf');
    await fs.writeFile(file, 'just some notes');
    await assert.rejects(models.import(file, signal), failsWith('notGguf'));
    await assert.rejects(models.import(path.join(directory, 'none.gguf'), signal), failsWith('modelNotFound'));
  });

  it('the next daemon has the same list, and knows what has gone meanwhile', async () => {
    const { id } = await models.import(await copyOfCalf('kept.gguf'), signal);
    const { id: gone } = await models.import(await copyOfCalf('gone.gguf'), signal);
    assert.ok(await client.shutdown());
    await fs.rm(path.join(directory, 'gone.gguf'));
    await models.watch(true);
    const list = models.status?.installed ?? [];
    assert.equal(list.find((model) => model.id === id)?.missing, false);
    assert.equal(list.find((model) => model.id === gone)?.missing, true);
  });

  it('a file that nobody has published a checksum of is hashed and said to be unconfirmed', async () => {
    const { id, checksum } = await models.import(await copyOfCalf('own.gguf'), signal);
    assert.equal(checksum, 'unchecked');
    const progress: number[] = [];
    assert.equal((await models.verify(id, (part) => progress.push(part), signal)).checksum, 'unconfirmed');
    assert.equal(progress.at(-1), 1);
  });
});
