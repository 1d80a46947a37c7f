import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { journalPath } from '../../src/engine/models/fetch/journal.js';
import { checkLeaks } from '../support/leaks.js';
import { until } from '../support/testClient.js';
import { HubUser, someBytes } from '../support/useHub.js';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), 'download.program.mjs');
const fileBytes = 2_000_000;

describe('a download whose process is killed', () => {
  const home = checkLeaks();

  it('goes on in the next process with all that the journal knew of', async () => {
    const user = await HubUser.open(home, someBytes(fileBytes));
    user.hub.fault = ({ at, range }) => (at === 'storage' && range !== null && range.last > 0 ? { kind: 'slow', bytesPerSecond: 60_000 } : null);
    const child = spawn(process.execPath, [program, user.url, user.part, String(fileBytes), user.sha256], { stdio: ['ignore', 'pipe', 'inherit'], env: home.env });
    const exited = once(child, 'exit');
    child.stdout.resume();
    const kept = async (): Promise<number> => {
      const text = await fs.readFile(journalPath(user.part), 'utf8').catch(() => '{"received":[]}');
      const { received } = v.parse(v.object({ received: v.array(v.tuple([v.number(), v.number()])) }), JSON.parse(text));
      return received.reduce((sum, [from, to]) => sum + to - from, 0);
    };
    await until(async () => (await kept()) > 100_000);
    child.kill('SIGKILL');
    await exited;

    const there = await kept();
    assert.ok(there < fileBytes, 'it was killed too late');
    user.hub.fault = () => null;
    user.hub.requests.length = 0;
    assert.deepEqual(await user.fetch(await user.source()), { sha256: user.sha256 });
    const asked = user.hub.reads.slice(1).reduce((sum, { range }) => sum + (range === null ? fileBytes : range.last - range.first + 1), 0);
    assert.equal(asked, fileBytes - there);
    assert.deepEqual(await fs.readFile(user.part), user.bytes);
  });
});
