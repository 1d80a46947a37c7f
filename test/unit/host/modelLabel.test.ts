import assert from 'node:assert/strict';
import { modelLabel } from '../../../src/host/modelLabel.js';

describe('model label', () => {
  const table: [path: string, label: string][] = [
    ['/models/calf-q8_0.gguf', 'calf-q8_0'],
    [String.raw`C:\models\R1.GGUF`, 'R1'],
    ['/m/DeepSeek-V3-00001-of-00009.gguf', 'DeepSeek-V3'],
    ['/m/DeepSeek-Coder-V2-Lite-Instruct-Q4_K_M.gguf', 'DeepSeek-Coder-V2-Lite-Inst…'],
    ['', ''],
  ];
  for (const [path, label] of table) {
    it(`of ${path === '' ? 'no path' : path} is ${label === '' ? 'empty' : label}`, () => {
      assert.equal(modelLabel(path), label);
    });
  }
});
