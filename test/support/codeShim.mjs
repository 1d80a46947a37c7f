#!/usr/bin/env node
// Stands in for the desktop `code` program that @vscode/test-electron starts: runs the same suite in the VS Code of the
// browser. Understands --extensionDevelopmentPath, --extensionTestsPath and a folder; other options have no meaning there.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import util from 'node:util';
import { installVscode } from '../../scripts/support/installVscode.mjs';
import { startVscodeServer } from '../../scripts/support/vscodeServer.mjs';
import { launchBrowser } from './chromium.mjs';
import { testSettings } from './testSettings.mjs';

const { values, positionals } = util.parseArgs({
  args: process.argv.slice(2),
  strict: false,
  options: { extensionDevelopmentPath: { type: 'string', multiple: true }, extensionTestsPath: { type: 'string' } },
});
const root = path.resolve(import.meta.dirname, '../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-host-'));
const workspace = path.resolve(positionals[0] ?? folder);

const server = await startVscodeServer({ installation: await installVscode(root), folder, testDriver: true, ...testSettings });
const browser = await launchBrowser();
let code = 1;
try {
  const page = await browser.context.newPage();
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(file)}`;
  const payload = [
    ...values.extensionDevelopmentPath.map((file) => ['extensionDevelopmentPath', remote(file)]),
    ['extensionTestsPath', remote(values.extensionTestsPath)],
  ];
  // The workbench reports the suite's console and exit code to these.
  const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', resolve));
  await page.exposeFunction('codeAutomationLog', (_type, args) => {
    const text = util.format(...args.filter((part) => !(typeof part === 'string' && part.startsWith('color: #')))).replace(/^%c\s*/, '');
    if (text.startsWith('[suite] ')) console.log(text.slice('[suite] '.length));
    else if (process.env.SEEKPOD_TEST_VERBOSE === '1') console.log(text);
  });
  await page.goto(`${server.url}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  code = await ended;
} finally {
  await browser.close();
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit(code);
