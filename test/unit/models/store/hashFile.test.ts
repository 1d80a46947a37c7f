import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { hashFile } from '../../../../src/engine/models/store/hashFile.js';
import { isFailure } from '../../../support/failures.js';
import { checkLeaks } from '../../../support/leaks.js';
import { makeNamedPipe } from '../../../support/namedPipe.js';
import { sha256Of, someBytes } from '../../../support/useHub.js';

const nobody = (): void => undefined;

describe('hash of a file', () => {
  const home = checkLeaks();
  const { signal } = new AbortController();
  const file = (): string => path.join(home.runtimeDirectory, 'model.gguf');

  it('is that of all its bytes, which are counted', async () => {
    const bytes = someBytes(3_000_000);
    await fs.writeFile(file(), bytes);
    let counted = 0;
    assert.equal(await hashFile(file(), (more) => (counted += more), signal), sha256Of(bytes));
    assert.equal(counted, bytes.length);
  });

  it('what is no file is refused, and not waited for', async () => {
    await assert.rejects(hashFile(file(), nobody, signal), isFailure('modelNotFound'));
    makeNamedPipe(home, file());
    await assert.rejects(hashFile(file(), nobody, signal), isFailure('modelUnreadable'));
    await assert.rejects(hashFile(home.runtimeDirectory, nobody, signal), isFailure('modelUnreadable'));
  });

  it('can be given up', async () => {
    await fs.writeFile(file(), someBytes(3_000_000));
    const giveUp = new AbortController();
    await assert.rejects(hashFile(file(), () => giveUp.abort(), giveUp.signal), isFailure('cancelled'));
  });
});
