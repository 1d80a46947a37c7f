import assert from 'node:assert/strict';
import { parseModelSource } from '../../../src/engine/protocol/parseModelSource.js';

const hub = (file = 'model-Q4_K_M.gguf', revision = 'main') => ({ kind: 'hub', repository: 'someone/Some-Model.GGUF', revision, file });

describe('where a model is, as people write it', () => {
  for (const [text, expected] of [
    ['someone/Some-Model.GGUF/model-Q4_K_M.gguf', hub()],
    ['  someone/Some-Model.GGUF/UD-Q2/model-00001-of-00003.gguf ', hub('UD-Q2/model-00001-of-00003.gguf')],
    ['someone/Some-Model.GGUF/model-Q4_K_M.gguf@0123abc', hub(undefined, '0123abc')],
    ['https://huggingface.co/someone/Some-Model.GGUF/resolve/main/model-Q4_K_M.gguf?download=true', hub()],
    ['https://huggingface.co/someone/Some-Model.GGUF/blob/0123abc/model-Q4_K_M.gguf', hub(undefined, '0123abc')],
    ['https://hf-mirror.com/someone/Some-Model.GGUF/resolve/refs%2Fpr%2F1/a%20b.gguf', hub('a b.gguf', 'refs/pr/1')],
    ['https://mirror.example:8443/someone/Some-Model.GGUF/resolve/main/model-Q4_K_M.gguf', hub()],
    ['someone/Some-Model.GGUF', hub('*.gguf')],
    ['someone/Some-Model.GGUF:Q4_K_M', hub('*Q4_K_M*.gguf')],
    ['https://huggingface.co/someone/Some-Model.GGUF', hub('*.gguf')],
    ['https://huggingface.co/someone/Some-Model.GGUF/tree/v2', hub('*.gguf', 'v2')],
    ['https://elsewhere.example/someone/name/resolve/main/model.gguf', { kind: 'url', url: 'https://elsewhere.example/someone/name/resolve/main/model.gguf' }],
    ['http://127.0.0.1:8000/model.gguf', { kind: 'url', url: 'http://127.0.0.1:8000/model.gguf' }],
  ] as const) {
    it(text.trim(), () => assert.deepEqual(parseModelSource(text, 'https://mirror.example:8443'), expected));
  }

  for (const text of [
    '',
    'coder',
    'someone/name/readme.md',
    '/home/me/model.gguf',
    'C:\\models\\model.gguf',
    'https://',
    'https://huggingface.co/settings',
    './someone/name',
    '../models/name',
    'models/name.gguf',
    'https://huggingface.co/someone/name/resolve/main/%E0%A4%A',
    'file:///etc/passwd',
    `someone/name/${'a'.repeat(600)}.gguf`,
    'some one/name/model.gguf',
  ]) {
    it(`is no place of a model: ${text.slice(0, 60)}`, () => assert.equal(parseModelSource(text), null));
  }
});
