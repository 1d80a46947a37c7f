// Loads and activates the extension in a real VS Code, a new one each round; the times are VS Code's own, from its list of running extensions.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installVscode } from '../scripts/support/installVscode.mjs';
import { startVscodeServer } from '../scripts/support/vscodeServer.mjs';
import { ensureChromium, launchBrowser } from '../test/support/chromium.mjs';
import { median } from './statistics.mjs';

/** Milliseconds that VS Code counted from the start of loading our bundle to the end of `activate`. */
async function activationTime(url) {
  const browser = await launchBrowser();
  try {
    const page = await browser.context.newPage();
    await page.goto(url);
    await page.locator('.statusbar-item[id="seekpod.seekpod.seekpod.status"]').waitFor({ timeout: 60_000 });
    await page.keyboard.press('F1');
    await page.locator('.quick-input-widget input.input').fill('>Developer: Show Running Extensions');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Show Running Extensions' }).first().waitFor();
    await page.keyboard.press('Enter');
    const row = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: 'Seekpod' }).first();
    await row.waitFor();
    const text = (await row.locator('.activation-time').textContent()) ?? '';
    const milliseconds = Number(/(\d+)\s*ms/.exec(text)?.[1]);
    if (!Number.isFinite(milliseconds)) throw new Error(`no activation time in "${text}"`);
    return milliseconds;
  } finally {
    await browser.close();
  }
}

export async function activation({ root, rounds, say }) {
  const installation = await installVscode(root);
  await ensureChromium();
  const times = [];
  for (let round = 0; round < rounds; round++) {
    say(`starting VS Code, ${round + 1} of ${rounds}`);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-activation-'));
    const server = await startVscodeServer({ installation, folder, extension: root, env: { SEEKPOD_RUNTIME_DIR: path.join(folder, 'run') } });
    try {
      times.push(await activationTime(server.url));
    } finally {
      await server.stop();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
  return [
    { what: 'load and activate, extension-host time, median', value: median(times), unit: 'ms', aim: '≤ 50' },
    { what: 'load and activate, extension-host time, best', value: Math.min(...times), unit: 'ms' },
  ];
}
