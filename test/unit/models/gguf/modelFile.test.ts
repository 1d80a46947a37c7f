import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkModelFile } from '../../../../src/engine/models/gguf/modelFile.js';
import { isFailure } from '../../../support/failures.js';
import { type FixtureTensor, type FixtureValue, ggufBytes } from '../../../support/ggufFixture.js';

const signal = new AbortController().signal;
const weights: FixtureTensor = { name: 'w', dimensions: [32], type: 0, offset: 0 };

describe('a model in several files', () => {
  let folder: string;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-parts-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const write = (name: string, metadata: Readonly<Record<string, FixtureValue>>, tensors: readonly FixtureTensor[]): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, Buffer.concat([ggufBytes(metadata, tensors), Buffer.alloc(tensors.length * 128)]));
    return file;
  };
  const first = { 'general.architecture': 'llama', 'split.count': 2 };

  it('may have its metadata alone in the first one', async () => {
    const file = write('m-00001-of-00002.gguf', first, []);
    const other = write('m-00002-of-00002.gguf', { 'split.count': 2 }, [weights]);
    const { headers, fileBytes } = await checkModelFile(file, signal);
    assert.deepEqual(headers.map(({ tensors }) => tensors.length), [0, 1]);
    assert.equal(fileBytes, fs.statSync(file).size + fs.statSync(other).size);
  });

  it('is damaged when no part has weights, when another part is chosen, and when the name has another count', async () => {
    write('e-00002-of-00002.gguf', {}, []);
    await assert.rejects(checkModelFile(write('e-00001-of-00002.gguf', first, []), signal), isFailure('modelDamaged'));
    await assert.rejects(checkModelFile(write('p-00002-of-00002.gguf', first, [weights]), signal), isFailure('modelDamaged'));
    await assert.rejects(checkModelFile(write('c-00001-of-00003.gguf', first, [weights]), signal), isFailure('modelDamaged'));
    await assert.rejects(checkModelFile(write('renamed.gguf', first, [weights]), signal), isFailure('modelDamaged'));
  });

  it('is not there when a part is not', async () => {
    await assert.rejects(checkModelFile(write('lonely-00001-of-00002.gguf', first, [weights]), signal), isFailure('modelNotFound'));
  });
});
