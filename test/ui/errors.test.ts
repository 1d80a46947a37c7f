import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withoutFim } from '../support/ggufFixture.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

describe('a model that cannot be loaded', () => {
  const session = useSession({ machineSettings: { 'seekpod.model.completionPath': '/nowhere/coder.gguf', 'seekpod.engine.batchSize': 'many' } });
  let workbench: Workbench;

  before(async () => {
    session().write('add.ts', '');
    workbench = await session().open();
  });

  it('shows in the status bar while typing, and nowhere else', async () => {
    await workbench.openFile('add.ts');
    await workbench.page.keyboard.type('const a = ', { delay: 30 });
    await workbench.page.locator('.statusbar-item', { hasText: 'completion failed' }).waitFor();
    assert.equal(await workbench.page.locator('.monaco-dialog-box, .notification-toast').count(), 0);
    await workbench.screenshot('error');
  });

  it('is explained from the menu, beside the settings that cannot be used', async () => {
    await workbench.status.click();
    const row = workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'The completion model failed' });
    await row.waitFor();
    await workbench.screenshot('error-menu');
    const setting = workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'A setting cannot be used' });
    assert.match((await setting.textContent()) ?? '', /seekpod\.engine\.batchSize must be a whole number from 8 to 16384/);
    await row.click();
    const explanation = workbench.page.locator('.notification-toast', { hasText: 'There is no model file at /nowhere/coder.gguf. Choose another file' });
    await explanation.waitFor();
    await workbench.screenshot('error-explained');
  });

  it('leaves the chat working', async () => {
    await workbench.ask('Write a function that adds two numbers.');
    assert.match((await workbench.lastAnswer.textContent()) ?? '', /a \+ b/);
  });
});

describe('a completion model without fill-in-the-middle tokens', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-model-'));
  const model = path.join(folder, 'chatty.gguf');
  const session = useSession({ machineSettings: { 'seekpod.model.completionPath': model } });

  before(() => fs.writeFileSync(model, withoutFim(fs.readFileSync('models/calf-q8_0.gguf'))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it('is refused in the status bar, with what to do about it', async () => {
    session().write('add.ts', '');
    const workbench = await session().open();
    await workbench.openFile('add.ts');
    await workbench.page.keyboard.type('const a = ', { delay: 30 });
    await workbench.page.locator('.statusbar-item', { hasText: 'completion failed' }).waitFor();
    await workbench.status.hover();
    await workbench.page.locator('.monaco-hover', { hasText: 'fill-in-the-middle' }).waitFor();
    await workbench.screenshot('without-fim');
    assert.equal(await workbench.ghostText.count(), 0);
    assert.equal(await workbench.page.locator('.monaco-dialog-box, .notification-toast').count(), 0);
  });
});

describe('a chat model that is not there', () => {
  const session = useSession({ machineSettings: { 'seekpod.model.chatPath': '/nowhere/DeepSeek-Coder-V2-Lite-Instruct-Q4_K_M-00001-of-00002.gguf' } });

  it('is explained in a view that is narrow and low, with the question still to be seen', async () => {
    const workbench = await session().open();
    await workbench.command('Ask DeepSeek');
    await workbench.answerQuickInput('Why?');
    await workbench.chat.locator('.engine-banner', { hasText: 'There is no model file at' }).waitFor();
    await workbench.page.setViewportSize({ width: 700, height: 400 });
    const layout = () =>
      workbench.chat.locator('.composer').evaluate((composer) => {
        const { innerHeight } = globalThis as unknown as { readonly innerHeight: number };
        const { bottom } = (composer as unknown as { getBoundingClientRect(): { readonly bottom: number } }).getBoundingClientRect();
        return { height: innerHeight, hidden: Math.max(0, bottom - innerHeight) };
      });
    while ((await layout()).height > 300) await sleep(20);
    await workbench.screenshot('error-low');
    const { hidden } = await layout();
    assert.equal(hidden, 0);
  });
});
