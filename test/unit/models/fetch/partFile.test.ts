import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Link, placePart } from '../../../../src/engine/models/fetch/partFile.js';
import { isFailure } from '../../../support/failures.js';
import { checkLeaks } from '../../../support/leaks.js';

/** As on exFAT. */
const noLinks: Link = async () => {
  throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
};

describe('name of a part that is whole', () => {
  const home = checkLeaks();
  let part: string;
  let final: string;

  beforeEach(async () => {
    part = path.join(home.runtimeDirectory, 'model.gguf.part');
    final = path.join(home.runtimeDirectory, 'model.gguf');
    await fs.writeFile(part, 'whole');
    await fs.writeFile(`${part}.journal`, '{}');
  });
  const files = async (): Promise<string[]> => (await fs.readdir(home.runtimeDirectory)).filter((name) => name.startsWith('model')).toSorted();

  for (const [where, link] of [
    ['', fs.link],
    [', where files have one name only', noLinks],
  ] as const) {
    it(`is given to it, and its journal ends${where}`, async () => {
      assert.equal(await placePart(part, final, link), true);
      assert.equal(await fs.readFile(final, 'utf8'), 'whole');
      assert.deepEqual(await files(), ['model.gguf']);
    });

    it(`is not taken from another file, and the part stays${where}`, async () => {
      await fs.writeFile(final, 'of somebody else');
      assert.equal(await placePart(part, final, link), false);
      assert.equal(await fs.readFile(final, 'utf8'), 'of somebody else');
      assert.deepEqual(await files(), ['model.gguf', 'model.gguf.part', 'model.gguf.part.journal']);
    });

    it(`is nobody's when the part is not there${where}`, async () => {
      await fs.rm(part);
      await assert.rejects(placePart(part, final, link), isFailure('storageFailed'));
      assert.deepEqual(await files(), ['model.gguf.part.journal']);
    });
  }
});
