// Mocha's `spec` reporter, which also writes the counts and the failed tests to the file that SEEKPOD_TEST_REPORT names.
import fs from 'node:fs';
import Mocha from 'mocha';

export default class SpecAndReport extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failures = [];
    runner.on('fail', (test, error) => failures.push({ fullTitle: test.fullTitle(), err: { message: String(error?.message ?? error) } }));
    runner.once('end', () => {
      const file = process.env.SEEKPOD_TEST_REPORT;
      if (file !== undefined) fs.writeFileSync(file, JSON.stringify({ stats: runner.stats, failures }));
    });
  }
}
