import fs from 'node:fs';
import path from 'node:path';
import type { Runner } from 'mocha';

/** Says each outcome, marked as the suite's among all that the extension host says. */
function sayOutcomes(runner: Runner): void {
  const say = (line: string): void => console.log(`[suite] ${line}`);
  runner.on('suite', (suite) => say(suite.title));
  runner.on('pass', (test) => say(`  ✔ ${test.title}`));
  runner.on('fail', (test, error: Error) => {
    say(`  ✘ ${test.fullTitle()}`);
    for (const line of (error.stack ?? String(error)).split('\n')) say(`    ${line}`);
  });
}

/** Runs every suite of this folder inside the extension host; VS Code calls it. The report is written when the last test has ended. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const report = process.env['SEEKPOD_TEST_REPORT'];
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, forbidOnly: true, forbidPending: true, reporter: 'json', reporterOptions: { output: report } });
  for (const file of fs.readdirSync(__dirname).filter((name) => name.endsWith('.test.cjs')).toSorted()) mocha.addFile(path.join(__dirname, file));
  const failures = await new Promise<number>((resolve) => sayOutcomes(mocha.run(resolve)));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
