// Runs test/host inside a VS Code: the desktop one where there is one, else the one of the browser.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { installVscode } from '../../scripts/support/installVscode.mjs';
import { collectLeftovers, createRuntimeDirectory } from './leftovers.mjs';
import { clearReport, readReport, reportFile } from './report.mjs';
import { ensureChromium } from './chromium.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const limitMs = 300_000;

/** VSCODE_EXECUTABLE names a desktop VS Code; without it the shim is used, which needs no download beyond npm's. */
async function executable() {
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  await installVscode(root);
  await ensureChromium();
  return path.join(root, 'test', 'support', 'codeShim.mjs');
}

const report = process.env.SEEKPOD_TEST_REPORT ?? reportFile(root, 'host');
clearReport(report);
const runtimeDirectory = createRuntimeDirectory();
const workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-workspace-'));
const problems = [];
const timer = setTimeout(() => {
  console.error(`The suite took longer than ${limitMs / 1_000} s.`);
  void collectLeftovers(runtimeDirectory).finally(() => process.exit(1));
}, limitMs);
try {
  await runTests({
    vscodeExecutablePath: await executable(),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'out', 'test', 'host', 'index.cjs'),
    extensionTestsEnv: { SEEKPOD_TEST_REPORT: report, SEEKPOD_RUNTIME_DIR: runtimeDirectory },
    launchArgs: [workspace],
  });
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
} finally {
  clearTimeout(timer);
  problems.push(...(await collectLeftovers(runtimeDirectory)).map((command) => `left running: ${command}`));
  fs.rmSync(workspace, { recursive: true, force: true });
}
// A crashed extension host ends with exit code 0: only a report proves that the suite ran to its end.
const result = readReport(report);
if (result === undefined) problems.push('there is no complete report: the extension host died');
else if (result.passes === 0) problems.push('no test ran');
for (const problem of problems) console.error(problem);
if (result !== undefined) console.log(`host: ${result.passes} passed, ${result.failures} failed`);
process.exit(problems.length === 0 && result?.failures === 0 ? 0 : 1);
