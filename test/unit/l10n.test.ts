import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';

/** Every source file in which a string could stand. */
function sourceFiles(): { extension: '.ts'; contents: string }[] {
  return fs
    .readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ extension: '.ts', contents: fs.readFileSync(path.join('src', file), 'utf8') }));
}

describe('l10n/bundle.l10n.json', () => {
  it('has the strings of the sources (npm run l10n writes it)', async function () {
    // It parses them all, which takes ten seconds, and many times that on a busy machine.
    this.timeout(180_000);
    const bundle = JSON.parse(fs.readFileSync('l10n/bundle.l10n.json', 'utf8')) as Record<string, unknown>;
    const expected = await getL10nJson(sourceFiles());
    assert.deepEqual(Object.keys(bundle).toSorted(), Object.keys(expected).toSorted());
  });
});
