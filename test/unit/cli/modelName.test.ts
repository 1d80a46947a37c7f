import assert from 'node:assert/strict';
import { filesCalled, findDownload, findInstalled, findOffered, sourceName } from '../../../src/cli/modelName.js';
import type { Download, ModelOffer } from '../../../src/engine/protocol/modelTypes.js';
import { someFile, someInstalled, someOffer } from '../../support/modelExamples.js';

const other = { ...someInstalled, id: 'm2', quantization: 'Q8_0', path: '/models/coder-q8.gguf', source: null };
const download: Download = { id: 'd1', name: someInstalled.name, quantization: 'Q4_K_M', source: someFile.source, totalBytes: 0, receivedBytes: 0, from: '', status: { state: 'queued' } };

const files = (...recommended: boolean[]): ModelOffer => ({
  ...someOffer,
  files: recommended.map((is, index) => ({ ...someFile, id: `Q${index}`, quantization: `Q${index}`, recommendedFor: is ? ['completion'] : [] })),
});

describe('the name of a model in the terminal', () => {
  for (const word of ['m1', '/models/coder.gguf', 'coder.gguf', 'DeepSeek Coder 1.3B Base:Q4_K_M', 'coder-1.3b-base:q4_k_m', 'coder-1.3b-base']) {
    it(`${word} is the installed one`, () => assert.deepEqual(findInstalled([someInstalled, other], word), { kind: 'one', found: someInstalled }));
  }

  it('a name that two have is none of them, and their ids are said', () => {
    assert.deepEqual(findInstalled([someInstalled, other], 'deepseek coder 1.3b base'), { kind: 'several', names: ['m1', 'm2'] });
  });

  it('a part of a name is no name', () => {
    assert.deepEqual(findInstalled([someInstalled, other], 'coder'), { kind: 'none' });
  });

  for (const word of ['d1', 'DeepSeek Coder 1.3B Base', 'coder-1.3b-base:Q4_K_M']) {
    it(`${word} is the download`, () => assert.equal(findDownload([download], word).kind, 'one'));
  }

  it('the address of the page is the download of the file', () => {
    const source = { kind: 'hub', repository: 'a/b', revision: 'main', file: 'c.gguf' } as const;
    assert.equal(findDownload([{ ...download, source }], 'https://huggingface.co/a/b/blob/main/c.gguf').kind, 'one');
    assert.equal(findDownload([{ ...download, source }], 'a/b/other.gguf').kind, 'none');
  });

  it('without a quantization it is the recommended one', () => {
    const offer = files(false, true, false);
    assert.deepEqual(findOffered([offer], 'Coder-1.3b-base'), { kind: 'one', found: { offer, file: offer.files[1] } });
  });

  it('with a quantization it is that one', () => {
    const offer = files(false, true, false);
    assert.deepEqual(findOffered([offer], 'coder-1.3b-base:q2'), { kind: 'one', found: { offer, file: offer.files[2] } });
    assert.deepEqual(findOffered([offer], 'coder-1.3b-base:q9'), { kind: 'none' });
  });

  for (const [what, offer] of [
    ['none is', files(false, false)],
    ['two are', files(true, true)],
  ] as const) {
    it(`where ${what} recommended, the quantization must be named`, () => {
      assert.deepEqual(findOffered([offer], 'coder-1.3b-base'), { kind: 'several', names: ['coder-1.3b-base:Q0', 'coder-1.3b-base:Q1'] });
      assert.equal(filesCalled([offer], 'coder-1.3b-base').length, 2);
    });
  }

  for (const [source, name] of [
    [someFile.source, 'coder-1.3b-base:Q4_K_M'],
    [{ kind: 'hub', repository: 'a/b', revision: 'main', file: 'c.gguf' }, 'a/b/c.gguf'],
    [{ kind: 'hub', repository: 'a/b', revision: '0123', file: 'c.gguf' }, 'a/b/c.gguf@0123'],
    [{ kind: 'url', url: 'https://example.org/c.gguf' }, 'https://example.org/c.gguf'],
  ] as const) {
    it(`${name} is how a ${source.kind} source is typed`, () => assert.equal(sourceName(source), name));
  }
});
