import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FrameLocator, Locator } from 'playwright-core';
import { layeredModel } from '../support/testModels.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';
import { calfFile } from '../support/workerProcess.js';

/** Colour themes of VS Code, and the class that a webview's body has in them. */
const themes = [
  { theme: 'Dark Modern', kind: 'vscode-dark' },
  { theme: 'Light Modern', kind: 'vscode-light' },
  { theme: 'Default High Contrast', kind: 'vscode-high-contrast' },
] as const;

for (const { theme, kind } of themes) {
  describe(`the benchmark in the theme ${theme}`, () => {
    const session = useSession({ settings: { 'workbench.colorTheme': theme } });
    let workbench: Workbench;
    let page: FrameLocator;
    const row = (): Locator => page.locator('tbody tr');

    before(async () => {
      // The folder is named: the user's own settings and models stay out of it.
      const env = { ...process.env, SEEKPOD_RUNTIME_DIR: session().runtimeDirectory };
      const damaged = path.join(session().workspace, 'damaged-Q8_0.gguf');
      fs.copyFileSync(calfFile, damaged);
      for (const file of [layeredModel(), damaged]) await promisify(execFile)(process.execPath, ['dist/cli.cjs', 'models', 'import', file], { env });
      fs.writeFileSync(damaged, Buffer.concat([Buffer.from('FUGG'), fs.readFileSync(damaged).subarray(4)]));
      workbench = await session().open();
    });

    it('measures the installed models and shows the table with its chart', async () => {
      await workbench.command('Seekpod: Benchmark This Machine');
      page = workbench.benchmark;
      await page.locator(`body.${kind}`).waitFor();
      // As long as it takes to measure three models on a busy machine.
      await page.getByRole('button', { name: 'Measure Again' }).waitFor({ timeout: 180_000 });
      assert.equal(await row().count(), 3);
      const [calf = [], layered = [], damaged = []] = await Promise.all((await row().all()).map((one) => one.locator('th, td').allTextContents()));
      assert.match(calf[0] ?? '', /calf/i);
      for (const cells of [calf, layered]) {
        assert.equal(cells[1], 'this machine, processor');
        assert.ok(cells.slice(2, 4).every((text) => Number(text) > 0), cells.join(' | '));
      }
      assert.match(damaged[2] ?? '', /is not a GGUF/);
      assert.equal(await page.locator('figure').count(), 2);
      await workbench.screenshot(`benchmark-${kind}`);
    });

    it('puts the table on the clipboard as Markdown', async () => {
      await page.getByRole('button', { name: 'Copy as Markdown' }).click();
      await page.getByText('The table is on the clipboard.').waitFor();
      const text = await workbench.page.evaluate(() => (globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }).navigator.clipboard.readText());
      assert.match(text, /^\| Model \| Where \| .*\n\| --- .*\n\| .*calf.* \| this machine, processor \| /i);
    });

    it('leaves no model process behind, also when it is closed while it measures', async () => {
      await page.getByRole('button', { name: 'Measure Again' }).click();
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await workbench.command('View: Close Editor');
      while (session().engineProcesses().workers > 0) await workbench.page.waitForTimeout(50);
    });
  });
}
