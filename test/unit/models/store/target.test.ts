import assert from 'node:assert/strict';
import path from 'node:path';
import { fileNameOf, folderOf, freeFolder, safeName } from '../../../../src/engine/models/store/target.js';

describe('where a download goes', () => {
  for (const [name, safe] of [
    ['deepseek-coder-1.3b-base.Q4_K_M.gguf', 'deepseek-coder-1.3b-base.Q4_K_M.gguf'],
    ['../../etc/passwd', '_._etc_passwd'],
    ['..', '_'],
    ['', '_'],
    ['.hidden', 'hidden'],
    ['C:\\Windows', 'C__Windows'],
    ['a\u0000b\u202egpj.gguf', 'a_b_gpj.gguf'],
    ['nul.gguf', '_nul.gguf'],
    ['COM1', '_COM1'],
    ['模型.gguf', '模型.gguf'],
    ['trailing...', 'trailing'],
  ] as const) {
    it(`${JSON.stringify(name)} becomes ${safe}`, () => assert.equal(safeName(name), safe));
  }

  it('of a long name the end stays, which says the part and the kind of file', () => {
    const name = safeName(`${'x'.repeat(400)}-00002-of-00003.gguf`);
    assert.ok(name.length <= 160);
    assert.ok(name.endsWith('-00002-of-00003.gguf'));
  });

  it('a long name in any script leaves room for the endings of a download in what a file system takes, and is cut between letters', () => {
    for (const letter of ['模', 'é', '𠮷']) {
      const name = safeName(`${letter.repeat(200)}-00002-of-00003.gguf`);
      assert.ok(Buffer.byteLength(name) <= 160);
      assert.ok(name.endsWith(`${letter}-00002-of-00003.gguf`));
      assert.equal(safeName(name), name);
    }
  });

  it('an address gives a name that ends as a model does, whatever it is', () => {
    assert.equal(fileNameOf('https://hub.example/a/b/model.gguf?download=true'), 'model.gguf');
    assert.equal(fileNameOf('https://hub.example/a/..%2F..%2Fmodel.gguf'), '_._model.gguf');
    assert.equal(fileNameOf('https://hub.example/%E0%A4%A'), '_E0_A4_A.gguf');
    assert.equal(fileNameOf('https://hub.example/'), '_.gguf');
  });

  it('files of one repository lie in one folder, those of an address in that of its host', () => {
    assert.deepEqual(folderOf({ kind: 'hub', repository: 'owner/name', revision: 'main', file: 'sub/a.gguf' }), ['owner', 'name']);
    assert.deepEqual(folderOf({ kind: 'hub', repository: '../..', revision: 'main', file: 'a.gguf' }), ['_', '_']);
    assert.deepEqual(folderOf({ kind: 'url', url: 'https://files.example:8443/a.gguf' }), ['files.example']);
    assert.deepEqual(folderOf({ kind: 'catalogue', model: 'r1-distill-qwen-1.5b', file: 'Q4_K_M' }), ['bartowski', 'DeepSeek-R1-Distill-Qwen-1.5B-GGUF']);
  });

  it('a folder in which a name is taken is passed over', async () => {
    const taken = new Set(['/m/a/1.gguf', '/m/a-2/2.gguf'].map((file) => path.normalize(file)));
    const free = await freeFolder(path.normalize('/m/a'), ['1.gguf', '2.gguf'], async (file) => taken.has(file));
    assert.equal(free, path.normalize('/m/a-3'));
  });
});
