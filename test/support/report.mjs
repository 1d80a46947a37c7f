// Reports of the suites, in the form of mocha's `json` reporter. A suite that did not come to its end has none.
import fs from 'node:fs';
import path from 'node:path';

/** @typedef {{ passes: number, failures: number, failed: string[] }} Result `failed`: a line per failed test */

/** Where a suite writes its report. @param {string} root @param {string} suite */
export function reportFile(root, suite) {
  return path.join(root, 'test-results', `${suite}.json`);
}

/** Takes the report of an earlier run away, so that it cannot stand for this one. @param {string} file */
export function clearReport(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(file, { force: true });
}

/** @param {string} file @returns {Result | undefined} `undefined` when the suite did not come to its end */
export function readReport(file) {
  try {
    const report = JSON.parse(fs.readFileSync(file, 'utf8'));
    const { passes, failures } = report.stats;
    if (!Number.isInteger(passes) || !Number.isInteger(failures)) return undefined;
    const failed = (report.failures ?? []).map(({ fullTitle, err }) => `${fullTitle}: ${String(err?.message).split('\n', 1)[0]}`);
    return { passes, failures, failed };
  } catch {
    return undefined;
  }
}
