// Reports of the suites, in the form of mocha's `json` reporter. A suite that did not come to its end has none.
import fs from 'node:fs';
import path from 'node:path';

/** @typedef {{ passes: number, failures: number }} Counts */

/** Where a suite writes its report. @param {string} root @param {string} suite */
export function reportFile(root, suite) {
  return path.join(root, 'test-results', `${suite}.json`);
}

/** Takes the report of an earlier run away, so that it cannot stand for this one. @param {string} file */
export function clearReport(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(file, { force: true });
}

/** @param {string} file @returns {Counts | undefined} `undefined` when the suite did not come to its end */
export function readReport(file) {
  try {
    const { passes, failures } = JSON.parse(fs.readFileSync(file, 'utf8')).stats;
    return Number.isInteger(passes) && Number.isInteger(failures) ? { passes, failures } : undefined;
  } catch {
    return undefined;
  }
}
