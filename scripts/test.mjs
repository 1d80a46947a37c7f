#!/usr/bin/env node
// `npm test`: installs what the suites need, checks the sources, and runs every suite. The last line counts all tests.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { installVscode } from './support/installVscode.mjs';
import { ensureDependencies } from './support/prepare.mjs';
import { requireNode } from './support/prerequisites.mjs';
import { runCommand } from './support/runCommand.mjs';
import { step } from './support/progress.mjs';
import { whyNoNamespaces } from '../test/support/namespaces.mjs';
import { clearReport, readReport, reportFile } from '../test/support/report.mjs';

requireNode();
const root = path.resolve(import.meta.dirname, '..');
const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
const reporter = path.join(root, 'test', 'support', 'specAndReport.mjs');

/** Runs one suite in a process of its own. @returns {Promise<number>} its exit code */
function runSuite(name, report) {
  const args = name === 'host' ? [path.join('test', 'support', 'runHostTests.mjs')] : [mocha, '--config', path.join('test', name, '.mocharc.json'), '--reporter', reporter];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, SEEKPOD_TEST_REPORT: report } });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Why a suite cannot run on this machine; it then counts as skipped, never as passed. */
const whyNot = { pod: whyNoNamespaces };
/** Parts of suites that leave themselves out for such a reason; the others run. */
const partsOf = { ui: { part: 'ui with a second machine', whyNot: whyNoNamespaces } };

const problems = [];
const skipped = [];
const failed = [];
const total = { passes: 0, failures: 0 };
try {
  await ensureDependencies(root);
  await installVscode(root);
  // Imported late: it needs the dependencies.
  const { ensureChromium } = await import('../test/support/chromium.mjs');
  await ensureChromium();
  await step('Checking the sources', () => runCommand('npm', ['run', '--silent', 'lint'], { cwd: root }));
  await step('Building', () => runCommand(process.execPath, ['esbuild.mjs', '--tests'], { cwd: root }));
  for (const name of ['unit', 'contract', 'engine', 'pod', 'host', 'ui']) {
    console.log(`\n== ${name}`);
    const reason = whyNot[name]?.() ?? null;
    if (reason !== null) {
      console.log(`skipped: ${reason}`);
      skipped.push(name);
      continue;
    }
    if ((partsOf[name]?.whyNot() ?? null) !== null) skipped.push(partsOf[name].part);
    const report = reportFile(root, name);
    clearReport(report);
    const code = await runSuite(name, report);
    const counts = readReport(report);
    if (counts === undefined) problems.push(`${name} did not come to its end`);
    else if (counts.passes + counts.failures === 0) problems.push(`${name} ran no test`);
    else if (code !== 0 && counts.failures === 0) problems.push(`${name} ended with exit code ${code}`);
    failed.push(...(counts?.failed ?? []).map((line) => `${name}: ${line}`));
    total.passes += counts?.passes ?? 0;
    total.failures += counts?.failures ?? 0;
  }
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error));
}
console.log('');
// Once more here, for those who see the end of a long log only.
for (const line of failed) console.error(line);
for (const problem of problems) console.error(problem);
// A suite that broke off is a failure, though no test of it is.
console.log(`${total.passes} passed, ${total.failures + problems.length} failed${skipped.length === 0 ? '' : `, skipped: ${skipped.join(', ')}`}`);
process.exit(total.failures + problems.length === 0 ? 0 : 1);
