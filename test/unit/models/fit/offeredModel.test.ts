import assert from 'node:assert/strict';
import fs from 'node:fs';
import { buildOffers } from '../../../../src/engine/models/fit/buildOffers.js';
import { usualUse } from '../../../../src/engine/models/fit/modelNeeds.js';
import { catalogueModels, modelOfHeaders } from '../../../../src/engine/models/fit/offeredModel.js';
import { readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { parametersOf } from '../../../../src/engine/models/gguf/parameterCount.js';
import type { InstalledModel } from '../../../../src/engine/protocol/modelTypes.js';
import { machineOf } from '../../../support/fitExamples.js';
import { deepseekV3 } from '../../../support/deepseekV3.js';
import { someInstalled } from '../../../support/modelExamples.js';

const source = { kind: 'catalogue', model: 'coder-6.7b-base', file: 'Q4_K_M' } as const;
const signal = new AbortController().signal;

describe('models of the catalogue', () => {
  it('are there with what decides about memory and speed', () => {
    const models = catalogueModels([]);
    const coder = models.find(({ id }) => id === 'coder-6.7b-base');
    assert.deepEqual(coder?.files.find(({ id }) => id === 'Q4_K_M')?.shape, { kind: 'facts', weights: 4.08e9, activeShare: 1, layers: 32, kvBytesPerToken: 524_288 });
    assert.ok(models.every(({ files, unsupported }) => files.length > 0 && unsupported === null));
    assert.ok(models.flatMap(({ files }) => files).every(({ verified, traps }) => verified !== traps.includes('unverified')));
  });

  it('are known as installed by where they came from, while their file is there', () => {
    const installedAs = (changes: Partial<InstalledModel>): unknown => {
      const file = catalogueModels([{ ...someInstalled, ...changes }]).flatMap(({ files }) => files).find(({ installed }) => installed !== null);
      return file === undefined ? null : [file.source, file.installed, file.path];
    };
    assert.deepEqual(installedAs({ source }), [source, 'm1', '/models/coder.gguf']);
    assert.equal(installedAs({ source, missing: true }), null);
    assert.equal(installedAs({ source: null }), null);
    assert.equal(installedAs({ source: { kind: 'url', url: 'https://example.org/coder.gguf' } }), null);
  });

  it('have a recommendation for each role on a computer of today', async () => {
    const predictor = { machine: async () => machineOf(32), predict: async ({ shape }: { shape: { kind: string; weights?: number; activeShare?: number } }) => ({ here: 100e9 / ((shape.weights ?? 1) * (shape.activeShare ?? 1)), pod: null }) };
    const offers = await buildOffers(catalogueModels([]), { predictor, contextSize: 0, use: usualUse, ownBytes: 0, limitBytes: 0, measurements: [] }, signal);
    const roles = offers.flatMap(({ id, files }) => files.flatMap(({ recommendedFor }) => recommendedFor.map((role) => [role, id])));
    assert.deepEqual(roles.map(([role]) => role).toSorted(), ['chat', 'completion', 'reasoning']);
    assert.ok(roles.every(([role, id]) => (role === 'completion') === id?.endsWith('base')));
  });
});

describe('a model by its headers', () => {
  const read = { id: 'x', bytes: 13e6, source: { kind: 'url', url: 'https://example.org/calf.gguf' }, verified: false, installed: null } as const;

  it('is described by them where nobody knows it', async () => {
    const bytes = fs.readFileSync('models/calf-q8_0.gguf');
    const header = await readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    const model = modelOfHeaders({ ...read, fileName: 'calf-q8_0.gguf', headers: [header] });
    assert.deepEqual([model.layers, model.contextSize, model.fim, model.licence, model.unsupported], [6, 2_048, true, null, null]);
    assert.ok(model.parameters.total > 10e6 && model.parameters.active <= model.parameters.total);
    const [file] = model.files;
    assert.deepEqual([file?.id, file?.quantization, file?.bytes, file?.parts, file?.shape.kind], ['calf-q8_0.gguf', 'Q8_0', 13e6, 1, 'headers']);
    assert.ok(file?.traps.includes('unverified'));
  });

  it('has the name, the roles and the licence of the catalogue where that knows it', () => {
    const header = { version: 3, metadata: new Map([['general.architecture', 'llama'], ['general.name', 'Anything']]), tensors: [], dataOffset: 0, endOffset: 0 };
    const model = modelOfHeaders({ ...read, source, verified: true, fileName: 'a.gguf', headers: [header], installed: { id: 'm1', path: '/a.gguf' } });
    assert.deepEqual([model.name, model.roles, model.licence?.id, model.files[0]?.id, model.files[0]?.installed], ['DeepSeek Coder 6.7B Base', ['completion'], 'deepseek-model', 'Q4_K_M', 'm1']);
  });

  it('says which architecture cannot be run', () => {
    const header = { version: 3, metadata: new Map([['general.architecture', 'deepseek9']]), tensors: [], dataOffset: 0, endOffset: 0 };
    assert.equal(modelOfHeaders({ ...read, fileName: 'a.gguf', headers: [header] }).unsupported, 'deepseek9');
  });

  it('counts the parameters that take part in a token', () => {
    const { metadata, tensors } = deepseekV3();
    const { total, active } = parametersOf([{ metadata, tensors: tensors.map((tensor) => ({ ...tensor, type: 0, offset: 0 })) }]);
    // DeepSeek-V3's report: 671 billion in all, 37 billion for a token.
    assert.ok(Math.abs(total - 671e9) < 2e9, `${total}`);
    assert.ok(Math.abs(active - 37e9) < 1.5e9, `${active}`);
  });
});
