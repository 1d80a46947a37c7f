import assert from 'node:assert/strict';
import type { HubEntry } from '../../../../src/engine/models/fetch/listRepository.js';
import { quantizationInName } from '../../../../src/engine/models/gguf/quantization.js';
import { repositoryModels } from '../../../../src/engine/models/offer/repositoryFiles.js';

const entry = (file: string, bytes: number, sha256: string | null = 'a'.repeat(64)): HubEntry => ({ file, bytes, sha256 });
const entries = [
  entry('README.md', 10),
  entry('m-Q8_0.gguf', 800),
  entry('m-Q4_K_M.gguf', 400, null),
  entry('m.imatrix.gguf', 5),
  entry('mmproj-m-F16.gguf', 50),
  entry('UD-Q2_K_XL/m-UD-Q2_K_XL-00002-of-00002.gguf', 100),
  entry('UD-Q2_K_XL/m-UD-Q2_K_XL-00001-of-00002.gguf', 150),
  entry('half-00001-of-00002.gguf', 1),
];

describe('the models of a repository', () => {
  it('are its GGUF files, split ones once, the smallest first; those with missing parts are none', () => {
    assert.deepEqual(repositoryModels(entries, '*.gguf'), [
      { file: 'UD-Q2_K_XL/m-UD-Q2_K_XL-00001-of-00002.gguf', bytes: 250, parts: 2, verified: true },
      { file: 'm-Q4_K_M.gguf', bytes: 400, parts: 1, verified: false },
      { file: 'm-Q8_0.gguf', bytes: 800, parts: 1, verified: true },
    ]);
  });

  it('are those whose path fits the pattern, in which only the star is special', () => {
    assert.deepEqual(repositoryModels(entries, '*q4_k_m*.gguf').map(({ file }) => file), ['m-Q4_K_M.gguf']);
    assert.deepEqual(repositoryModels(entries, 'm.Q8_0.gguf'), []);
    assert.deepEqual(repositoryModels(entries, '(*'), []);
  });

  it('no pattern takes long over a name, however many stars it has', () => {
    const name = `${'a'.repeat(1_000)}.gguf`;
    assert.deepEqual(repositoryModels([entry(name, 1)], `${'*a'.repeat(20)}*b*.gguf`), []);
    assert.equal(repositoryModels([entry(name, 1)], `${'*a'.repeat(20)}*.gguf`).length, 1);
    assert.deepEqual(repositoryModels([entry('a.gguf', 1)], 'a.gguf*.gguf'), []);
  });

  for (const [name, quantization] of [
    ['deepseek-coder-1.3b-base.i1-IQ4_XS.gguf', 'IQ4_XS'],
    ['DeepSeek-R1-UD-IQ1_S-00001-of-00003.gguf', 'UD-IQ1_S'],
    ['m-Q4_K_M.gguf', 'Q4_K_M'],
    ['m-bf16.gguf', 'BF16'],
    ['QwQ-32B.gguf', ''],
  ] as const) {
    it(`the quantization in ${name} is ${quantization || 'not said'}`, () => assert.equal(quantizationInName(name), quantization));
  }
});
