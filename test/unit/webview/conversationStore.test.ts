import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { EngineError } from '../../../src/engine/base/errors.js';
import { ConversationStore, diskFiles, type StoreFiles } from '../../../src/webview/host/conversationStore.js';
import { answer, conversation, question, said } from '../chat/turns.js';

const sample = { ...conversation([question('q1', 'Why?'), answer('a1', [said('So.')])]), id: 'abc-1' };

describe('ConversationStore', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'seekpod-store-'));
  });
  afterEach(() => fs.rm(folder, { recursive: true, force: true }));

  const open = (files: StoreFiles = diskFiles): ConversationStore => new ConversationStore(path.join(folder, 'conversations'), files);
  const fileOf = (id: string): string => path.join(folder, 'conversations', `${id}.json`);

  it('reads what it has written', async () => {
    await open().write(sample);
    const store = open();
    assert.deepEqual(await store.ids(), ['abc-1']);
    assert.deepEqual(await store.read('abc-1'), { kind: 'read', conversation: sample, revision: 1 });
  });

  it('has no conversations where there is no folder', async () => assert.deepEqual(await open().ids(), []));

  it('leaves no temporary file behind', async () => {
    await open().write(sample);
    assert.deepEqual(await fs.readdir(path.join(folder, 'conversations')), ['abc-1.json']);
  });

  if (process.platform !== 'win32') {
    it('lets nobody else read a conversation', async () => {
      await open().write(sample);
      assert.equal((await fs.stat(fileOf('abc-1'))).mode & 0o077, 0);
    });
  }

  for (const [fact, text] of [
    ['cut off', '{"format":1,"revision":1,"conv'],
    ['empty', ''],
    ['of another shape', '{"format":1,"revision":1,"conversation":{"id":"abc-1"}}'],
    ['of another format', JSON.stringify({ format: 2, revision: 1, conversation: sample })],
    ['another conversation', JSON.stringify({ format: 1, revision: 1, conversation: { ...sample, id: 'other' } })],
  ] as const) {
    it(`sets a file aside that is ${fact}, with its text as it was`, async () => {
      await fs.mkdir(path.join(folder, 'conversations'));
      await fs.writeFile(fileOf('abc-1'), text);
      const outcome = await open().read('abc-1');
      assert.ok(outcome.kind === 'damaged');
      assert.equal(await fs.readFile(outcome.movedTo, 'utf8'), text);
      assert.deepEqual(await open().ids(), []);
    });
  }

  it('reports a conflict and writes nothing when another window wrote in between', async () => {
    const [first, second] = [open(), open()];
    await first.write(sample);
    const read = await second.read('abc-1');
    assert.ok(read.kind === 'read');
    second.seen('abc-1', read.revision);
    assert.deepEqual(await first.write({ ...sample, title: 'First' }), { kind: 'written' });
    assert.deepEqual(await second.write({ ...sample, title: 'Second' }), { kind: 'conflict' });
    const now = await open().read('abc-1');
    assert.equal(now.kind === 'read' && now.conversation.title, 'First');
  });

  it('writes again what another window has deleted', async () => {
    const store = open();
    await store.write(sample);
    await open().remove('abc-1');
    assert.deepEqual(await store.write(sample), { kind: 'written' });
  });

  it('fails with diskFull when the disk is full, and keeps the file as it was', async () => {
    await open().write(sample);
    const full: StoreFiles = {
      ...diskFiles,
      async write(file, text) {
        await fs.writeFile(file, text.slice(0, 10));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    };
    const store = open(full);
    store.seen('abc-1', 1);
    await assert.rejects(store.write({ ...sample, title: 'New' }), (error) => EngineError.is(error, 'diskFull'));
    assert.deepEqual(await fs.readdir(path.join(folder, 'conversations')), ['abc-1.json']);
    const kept = await open().read('abc-1');
    assert.equal(kept.kind === 'read' && kept.conversation.title, 'A title');
  });

  it('fails with storageFailed when the folder cannot be made', async () => {
    await fs.writeFile(path.join(folder, 'conversations'), 'a file is in the way');
    await assert.rejects(open().write(sample), (error) => EngineError.is(error, 'storageFailed'));
  });

  it('ignores files that are not conversations', async () => {
    await fs.mkdir(path.join(folder, 'conversations'));
    await fs.writeFile(path.join(folder, 'conversations', '..evil.json'), '{}');
    await fs.writeFile(path.join(folder, 'conversations', 'note.txt'), '');
    assert.deepEqual(await open().ids(), []);
  });
});
