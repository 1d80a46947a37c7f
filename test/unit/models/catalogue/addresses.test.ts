import assert from 'node:assert/strict';
import { urlOf } from '../../../../src/engine/models/catalogue/addresses.js';
import { isFailure } from '../../../support/failures.js';

const hub = 'https://hub.example';

describe('addresses of a model', () => {
  it('are pinned to the revision of the catalogue, and take the newest where none is known', () => {
    assert.deepEqual(urlOf({ kind: 'catalogue', model: 'r1-distill-qwen-7b', file: 'Q4_K_M' }, hub), [
      `${hub}/bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF/resolve/361004151d4f4f6b446dc5e6d46fbf4422a80d5f/DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf`,
    ]);
    assert.deepEqual(urlOf({ kind: 'catalogue', model: 'r1-distill-qwen-7b', file: 'Q8_0' }, `${hub}/mirror/`), [`${hub}/mirror/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF/resolve/main/DeepSeek-R1-Distill-Qwen-7B-Q8_0.gguf`]);
  });

  it('are those of all parts, whichever of them is named', () => {
    const parts = urlOf({ kind: 'catalogue', model: 'r1', file: 'UD-IQ1_S' }, hub);
    assert.equal(parts.length, 3);
    const [first = '', second = ''] = parts;
    assert.match(first, /\/DeepSeek-R1-UD-IQ1_S\/DeepSeek-R1-UD-IQ1_S-00001-of-00003\.gguf$/);
    assert.deepEqual(urlOf({ kind: 'hub', repository: 'unsloth/DeepSeek-R1-GGUF', revision: 'main', file: 'DeepSeek-R1-UD-IQ1_S/DeepSeek-R1-UD-IQ1_S-00003-of-00003.gguf' }, hub), parts);
    assert.deepEqual(urlOf({ kind: 'url', url: second }, hub), parts);
  });

  it('keep the query of an address, and escape what a path cannot have', () => {
    assert.deepEqual(urlOf({ kind: 'url', url: 'https://example.org/m-00001-of-00002.gguf?download=true' }, hub), ['https://example.org/m-00001-of-00002.gguf?download=true', 'https://example.org/m-00002-of-00002.gguf?download=true']);
    assert.deepEqual(urlOf({ kind: 'hub', repository: 'a/b', revision: 'refs/pr/1', file: 'my model?.gguf' }, hub), [`${hub}/a/b/resolve/refs%2Fpr%2F1/my%20model%3F.gguf`]);
  });

  it('are refused when they lead out of the repository, or when the catalogue does not have the model', () => {
    assert.throws(() => urlOf({ kind: 'hub', repository: 'a/b', revision: 'main', file: '../../secret.gguf' }, hub), isFailure('notOnServer'));
    assert.throws(() => urlOf({ kind: 'hub', repository: 'a/..', revision: 'main', file: 'm.gguf' }, hub), isFailure('notOnServer'));
    assert.throws(() => urlOf({ kind: 'catalogue', model: 'r2', file: 'Q4_K_M' }, hub), isFailure('unknownModel'));
  });

  it('what is no address is notOnServer', () => {
    assert.throws(() => urlOf({ kind: 'url', url: 'https://[' }, 'https://hub.test'), { failure: { code: 'notOnServer', url: 'https://[' } });
  });
});
