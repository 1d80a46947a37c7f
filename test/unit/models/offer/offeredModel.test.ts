import assert from 'node:assert/strict';
import path from 'node:path';
import { catalogue } from '../../../../src/engine/models/catalogue/catalogue.js';
import type { GgufHeader, GgufValue } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { headerLicence } from '../../../../src/engine/models/catalogue/headerLicence.js';
import { fromCatalogue, fromHeaders } from '../../../../src/engine/models/offer/offeredModel.js';
import { parametersOf } from '../../../../src/engine/models/offer/parameters.js';
import { describeModel } from '../../../../src/engine/models/store/describeModel.js';

function header(metadata: Readonly<Record<string, GgufValue>>, tensors: GgufHeader['tensors'] = []): GgufHeader {
  return { version: 3, metadata: new Map(Object.entries(metadata)), types: new Map(), tensors, dataOffset: 0, endOffset: 0 };
}
const tensor = (name: string, ...dimensions: number[]): GgufHeader['tensors'][number] => ({ name, dimensions, type: 0, offset: 0, bytes: 0 });
const lookedAt = { source: { kind: 'url', url: 'https://hub.example/x-Instruct.gguf' }, fileName: 'x-Instruct.gguf', bytes: 1_000, verified: false, installed: null } as const;

describe('what is offered', () => {
  it('of routed experts those that a token uses are active', () => {
    const metadata = { 'general.architecture': 'deepseek2', 'deepseek2.expert_count': 64, 'deepseek2.expert_used_count': 6 };
    const tensors = [tensor('blk.1.attn_q.weight', 10, 10), tensor('blk.1.ffn_up_exps.weight', 10, 10, 64), tensor('blk.1.ffn_up_shexp.weight', 10, 10)];
    assert.deepEqual(parametersOf([header(metadata, tensors)]), { total: 6_600, active: 800 });
  });

  it('the parameters of all parts count', () => {
    const metadata = { 'general.architecture': 'llama' };
    assert.deepEqual(parametersOf([header(metadata, [tensor('a', 4, 4)]), header({}, [tensor('b', 3)])]), { total: 19, active: 19 });
  });

  it('a model that the catalogue does not have is told by its header and its name', () => {
    const offered = fromHeaders({ ...lookedAt, headers: [header({ 'general.architecture': 'llama', 'llama.block_count': 2, 'llama.context_length': 4_096, 'tokenizer.chat_template': 'x' })] });
    assert.equal(offered.name, 'x-Instruct');
    assert.deepEqual(offered.roles, ['chat']);
    assert.equal(offered.layers, 2);
    assert.equal(offered.contextSize, 4_096);
    assert.equal(offered.licence, null);
    assert.equal(offered.unsupported, null);
    assert.ok(offered.files[0]?.traps.includes('unverified'));
  });

  it('a file of the catalogue is called the same when it is offered by its header and when it is here', () => {
    const model = catalogue.models.find(({ id }) => id === 'v3.1');
    const file = model?.files.find(({ quantization }) => quantization === 'UD-Q2_K_XL');
    assert.ok(model && file);
    const source = { kind: 'catalogue', model: model.id, file: file.id } as const;
    const headers = [header({ 'general.architecture': 'deepseek2', 'general.file_type': 10, 'deepseek2.attention.key_length_mla': 192, 'tokenizer.chat_template': 'x' })];
    const fileName = path.basename(file.parts[0]?.file ?? '');
    const offered = fromHeaders({ ...lookedAt, source, fileName, headers });
    const here = describeModel(`/m/${fileName}`, { headers, architecture: 'deepseek2', fileBytes: 1, parts: [] }, { id: 'm1', origin: 'downloaded', source, files: [] });
    assert.equal(offered.files[0]?.quantization, 'UD-Q2_K_XL');
    assert.deepEqual([here.name, here.quantization, here.roles, here.fim], [offered.name, 'UD-Q2_K_XL', offered.roles, offered.fim]);
    assert.deepEqual([...here.traps, 'unverified'], offered.files[0]?.traps);
  });

  it('an architecture that cannot be run is named', () => {
    assert.equal(fromHeaders({ ...lookedAt, headers: [header({ 'general.architecture': 'clip' })] }).unsupported, 'clip');
    assert.equal(fromHeaders({ ...lookedAt, headers: [header({})] }).unsupported, '?');
  });

  it('figures of a header that no model has are cut to what can be told', () => {
    const offered = fromHeaders({ ...lookedAt, headers: [header({ 'general.architecture': 'llama', 'llama.block_count': 1e300, 'llama.context_length': 2.5 })] });
    assert.ok(Number.isSafeInteger(offered.layers));
    assert.equal(offered.contextSize, 2);
  });

  it('the licence that a file names is that of the catalogue if it has it', () => {
    assert.equal(headerLicence(header({ 'general.license': 'mit' }))?.name, 'MIT License');
    assert.equal(headerLicence(header({ 'general.license': 'other', 'general.license.name': 'DeepSeek-License' }))?.restricted, true);
    assert.deepEqual(headerLicence(header({ 'general.license': 'own', 'general.license.link': 'javascript:x' })), { id: 'own', name: 'own', url: null, restricted: false });
    assert.equal(headerLicence(header({})), null);
  });

  it('what a chat must heed is told of the models of the catalogue, and left out of others', () => {
    const model = catalogue.models.find(({ id }) => id === 'r1-distill-qwen-7b');
    const file = model?.files[0];
    assert.ok(model && file);
    assert.deepEqual(fromCatalogue(model, () => null).quirks, ['forcedThinking', 'noSystemPrompt', 'reasoningSampling']);
    const headers = [header({ 'general.architecture': 'qwen2' })];
    assert.deepEqual(fromHeaders({ ...lookedAt, source: { kind: 'catalogue', model: model.id, file: file.id }, headers }).quirks, model.quirks);
    assert.ok(!('quirks' in fromHeaders({ ...lookedAt, headers })));
  });

  it('a file of the catalogue that is here is told by its headers', () => {
    const [model] = catalogue.models;
    assert.ok(model);
    const shape = { kind: 'headers', headers: [] } as const;
    const wanted = model.files[0]?.id;
    const { files } = fromCatalogue(model, (source) => (source.kind === 'catalogue' && source.file === wanted ? { id: 'm1', path: '/m/x.gguf', shape } : null));
    assert.equal(files[0]?.installed, 'm1');
    assert.equal(files[0].path, '/m/x.gguf');
    assert.equal(files[0].shape, shape);
    assert.equal(files[1]?.installed, null);
    assert.equal(files[1].shape.kind, 'facts');
  });
});
