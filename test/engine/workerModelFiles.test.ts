import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { EngineError, FailureCode } from '../../src/engine/base/errors.js';
import type { ModelOptions } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import { isFailure } from '../support/failures.js';
import { ggufBytes } from '../support/ggufFixture.js';
import { writeSparseModel } from '../support/sparseModel.js';
import { workerFolder } from '../support/workerFolder.js';
import { calf, calfFile } from '../support/workerProcess.js';

const bytes = fs.readFileSync(calfFile);

describe('worker: model files', () => {
  const folder = workerFolder();

  const load = (model: Partial<ModelOptions>, contexts: Partial<LoadParams> = {}): Promise<unknown> =>
    folder.fork().load({ model: { ...calf, ...model }, completion: { contextSize: 512, slots: 1 }, chat: null, remote: null, ...contexts });
  const failureOf = async (model: Partial<ModelOptions>, contexts: Partial<LoadParams>, code: FailureCode): Promise<EngineError['failure']> => {
    let found: EngineError['failure'] | undefined;
    await assert.rejects(load(model, contexts), (error: EngineError) => {
      found = error.failure;
      return isFailure(code)(error);
    });
    return found ?? assert.fail('no failure');
  };

  it('tells what was loaded, and how far it is on the way', async () => {
    const progress: number[] = [];
    const result = await folder.fork().load({ model: calf, completion: { contextSize: 0, slots: 2 }, chat: { contextSize: 1_024, slots: 1 }, remote: null }, (value) => progress.push(value));
    assert.equal(result.completion?.architecture, 'deepseek2');
    assert.equal(result.completion.contextSize, 2_048);
    assert.equal(result.chat?.contextSize, 1_024);
    assert.deepEqual([result.completion.fim, result.completion.gpu, result.completion.layers, result.completion.fileBytes], [true, 'cpu', 7, bytes.length]);
    assert.ok(result.completion.memoryBytes.ram > 12_000_000);
    assert.equal(progress.at(-1), 1);
    assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
  });

  it('refuses a file that is not there, and a folder', async () => {
    await failureOf({ path: path.join(folder.path, 'none.gguf') }, {}, 'modelNotFound');
    await failureOf({ path: folder.path }, {}, 'modelUnreadable');
  });

  it('refuses a file that is not GGUF', async () => {
    await failureOf({ path: folder.file('notes.gguf', Buffer.from('# Notes\n'.repeat(100))) }, {}, 'notGguf');
    await failureOf({ path: folder.file('empty.gguf', new Uint8Array(0)) }, {}, 'notGguf');
  });

  it('refuses a file that ends early, with both sizes', async () => {
    const half = Math.floor(bytes.length / 2);
    const failure = await failureOf({ path: folder.file('half.gguf', bytes.subarray(0, half)) }, {}, 'modelTruncated');
    assert.ok(failure.code === 'modelTruncated');
    assert.deepEqual([failure.expectedBytes, failure.actualBytes], [bytes.length, half]);
    await failureOf({ path: folder.file('header.gguf', bytes.subarray(0, 1_000)) }, {}, 'modelTruncated');
  });

  it('refuses a damaged header', async () => {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 100, 140);
    await failureOf({ path: folder.file('damaged.gguf', damaged) }, {}, 'modelDamaged');
  });

  it('refuses an architecture that llama.cpp does not know, by its name', async () => {
    const failure = await failureOf({ path: folder.file('tomorrow.gguf', ggufBytes({ 'general.architecture': 'deepseek9' })) }, {}, 'unsupportedArchitecture');
    assert.ok(failure.code === 'unsupportedArchitecture' && failure.architecture === 'deepseek9');
  });

  it('refuses weights of a type that llama.cpp does not have, by its name', async () => {
    const weights = (type: number): Buffer => Buffer.concat([ggufBytes({ 'general.architecture': 'llama' }, [{ name: 'w', dimensions: [32], type, offset: 0 }]), Buffer.alloc(128)]);
    const failure = await failureOf({ path: folder.file('old.gguf', weights(31)) }, {}, 'unsupportedQuantization');
    assert.ok(failure.code === 'unsupportedQuantization' && failure.type === 'q4_0_4_4');
    await failureOf({ path: folder.file('fork.gguf', weights(140)) }, {}, 'unsupportedQuantization');
  });

  it('refuses the first part of a model whose other parts are not there', async () => {
    const header = ggufBytes({ 'general.architecture': 'deepseek2', 'split.count': 2 }, [{ name: 'w', dimensions: [32], type: 0, offset: 0 }]);
    const failure = await failureOf({ path: folder.file('big-00001-of-00002.gguf', Buffer.concat([header, Buffer.alloc(128)])) }, {}, 'modelNotFound');
    assert.ok(failure.code === 'modelNotFound' && failure.path.endsWith('big-00002-of-00002.gguf'));
  });

  it('refuses a model that is larger than the memory before it is loaded, with the numbers', async () => {
    const size = 2 ** 42;
    const header = ggufBytes({ 'general.architecture': 'deepseek2' }, [{ name: 'w', dimensions: [2 ** 20, 2 ** 20], type: 0, offset: 0 }]);
    const target = folder.file('huge.gguf', header);
    // A file with a hole: 4 TiB that take no space on the disk.
    fs.truncateSync(target, header.length + size);
    const failure = await failureOf({ path: target }, {}, 'insufficientMemory');
    assert.ok(failure.code === 'insufficientMemory');
    assert.ok(failure.requiredBytes >= size && failure.availableBytes > 0 && failure.availableBytes < size);
  });

  it('refuses a context that is larger than the memory', async () => {
    const file = path.join(folder.path, 'long.gguf');
    writeSparseModel(file, { architecture: 'llama', layers: 4, embedding: 2_048, feedForward: 5_504, heads: 16, kvHeads: 16, vocabulary: 1_000 });
    await failureOf({ path: file }, { completion: null, chat: { contextSize: 131_072, slots: 64 } }, 'insufficientMemory');
  });

  it('gives the reason of llama.cpp when it cannot load a file that looks well', async () => {
    const header = ggufBytes({ 'general.architecture': 'llama', 'llama.block_count': 1 }, [{ name: 'w', dimensions: [32], type: 0, offset: 0 }]);
    const failure = await failureOf({ path: folder.file('hollow.gguf', Buffer.concat([header, Buffer.alloc(128)])) }, {}, 'loadFailed');
    assert.ok(failure.code === 'loadFailed');
    assert.match(failure.reason, /llama\.context_length|key not found|error loading model/);
  });

  it('refuses a GPU that this machine does not have', async () => {
    const failure = await failureOf({ gpu: process.platform === 'darwin' ? 'cuda' : 'metal' }, {}, 'gpuUnavailable');
    assert.ok(failure.code === 'gpuUnavailable' && failure.reason !== '');
  });

  it('ends a load that is cancelled', async () => {
    const controller = new AbortController();
    const loading = folder.fork().load({ model: calf, completion: { contextSize: 2_048, slots: 4 }, chat: null, remote: null }, () => controller.abort(), controller.signal);
    await assert.rejects(loading, isFailure('cancelled'));
  });
});
