import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLock, openDoor } from '../../scripts/support/door.mjs';
import { installVscode } from '../../scripts/support/installVscode.mjs';
import { startVscodeServer } from '../../scripts/support/vscodeServer.mjs';
import { launchBrowser } from '../support/chromium.mjs';

describe('VS Code in the browser, as npm start opens it', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-door-'));
  const lock = createLock();
  let server: Awaited<ReturnType<typeof startVscodeServer>>;
  let door: Awaited<ReturnType<typeof openDoor>>;
  before(async () => {
    server = await startVscodeServer({ installation: await installVscode(process.cwd()), folder, lock });
    door = await openDoor({ lock, cookie: server.cookie, target: `${server.url}/` });
  });
  after(async () => {
    door.close();
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  it('is closed to another user of the machine', async () => {
    const { url } = await fetch(server.url);
    assert.match(url, /\/login/);
    const guessed = await fetch(new URL('/guessed', door.url), { redirect: 'manual' });
    assert.deepEqual([guessed.status, guessed.headers.get('set-cookie')], [404, null]);
  });

  it('opens with the printed address', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.context.newPage();
      await page.goto(door.url);
      await page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
      assert.ok(!page.url().includes(lock.password));
    } finally {
      await browser.close();
    }
  });
});
