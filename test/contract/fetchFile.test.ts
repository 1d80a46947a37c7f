import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { placePart } from '../../src/engine/models/fetch/partFile.js';
import { checkLeaks } from '../support/leaks.js';
import { HubUser, someBytes } from '../support/useHub.js';

describe('a download from the hub', () => {
  const home = checkLeaks();

  it('comes in parallel pieces, is hashed, and gets its name when it is whole', async () => {
    const user = await HubUser.open(home, someBytes(200_000));
    const source = await user.source();
    assert.deepEqual([source.bytes, source.ranges, source.sha256], [200_000, true, user.sha256]);
    assert.deepEqual(await user.fetch(source), { sha256: user.sha256 });
    await placePart(user.part, `${user.part}.whole`);
    assert.deepEqual(await fs.readFile(`${user.part}.whole`), user.bytes);
    assert.deepEqual((await fs.readdir(home.runtimeDirectory)).filter((name) => name.startsWith('model')), ['model.gguf.part.whole']);
    assert.deepEqual(user.progress.at(-1), { receivedBytes: 200_000, hashedBytes: 200_000, from: `127.0.0.1:${user.hub.hubPort}` });
  });
});
