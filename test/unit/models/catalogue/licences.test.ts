import assert from 'node:assert/strict';
import { catalogue } from '../../../../src/engine/models/catalogue/catalogue.js';
import { licenceOf, licenceText } from '../../../../src/engine/models/catalogue/licences.js';
import { licenceTextRequest } from '../../../../src/engine/protocol/modelMessages.js';
import * as v from 'valibot';

const modelOf = (id: string): { licences: string[] } => catalogue.models.find((model) => model.id === id) ?? assert.fail(id);

describe('licences', () => {
  it('have their whole text for every model, within what the wire carries', () => {
    for (const model of catalogue.models) assert.ok(v.is(licenceTextRequest.result, licenceText(licenceOf(model).id)), model.id);
    const words: Readonly<Record<string, RegExp>> = {
      mit: /^MIT License[^]*THE SOFTWARE IS PROVIDED "AS IS"[^]*OTHER DEALINGS IN THE\sSOFTWARE\.\s*$/,
      'apache-2.0': /^\s*Apache License\s+Version 2\.0[^]*END OF TERMS AND CONDITIONS/,
      'deepseek-model': /^DEEPSEEK LICENSE AGREEMENT[^]*Attachment A[^]*For military use in any way[^]*protected characteristics or categories\.\s*$/,
      'llama3.1': /^LLAMA 3\.1 COMMUNITY LICENSE AGREEMENT[^]*July 23, 2024[^]*7\. Governing Law/,
      'llama3.3': /^LLAMA 3\.3 COMMUNITY LICENSE AGREEMENT[^]*December 6, 2024[^]*7\. Governing Law/,
    };
    assert.deepEqual(catalogue.licences.map(({ id }) => id).toSorted(), Object.keys(words).toSorted());
    for (const [id, pattern] of Object.entries(words)) assert.match(licenceText(id) ?? '', pattern);
    assert.doesNotMatch(licenceText('llama3.3') ?? '', /3\.1/);
  });

  it('of a distilled model are its own and those of the model that it was made from', () => {
    const llama = licenceOf(modelOf('r1-distill-llama-8b'));
    assert.deepEqual([llama.id, llama.name, llama.restricted], ['mit+llama3.1', 'MIT License, Llama 3.1 Community License', true]);
    assert.match(licenceText(llama.id) ?? '', /MIT License[^]*LLAMA 3\.1 COMMUNITY/);
    assert.equal(licenceOf(modelOf('r1-distill-qwen-7b')).restricted, false);
  });

  it('have to be accepted where they restrict the use', () => {
    assert.deepEqual(licenceOf(modelOf('coder-1.3b-base')), { id: 'deepseek-model', name: 'DeepSeek Model License', url: 'https://github.com/deepseek-ai/DeepSeek-Coder/blob/main/LICENSE-MODEL', restricted: true });
  });

  it('are none for an id that is not known', () => {
    assert.equal(licenceText('gpl'), null);
    assert.equal(licenceText('mit+gpl'), null);
    assert.equal(licenceText(''), null);
  });
});
