import assert from 'node:assert/strict';
import { quantizationBy, quantizationOf } from '../../../../src/engine/models/gguf/quantization.js';
import { splitName } from '../../../../src/engine/models/gguf/splitName.js';
import { headersOf } from '../../../support/headers.js';

describe('quantization of a model', () => {
  const tensor = (type: number, bytes: number): { name: string; dimensions: number[]; type: number; offset: number; bytes: number } => ({ name: 'w', dimensions: [], type, offset: 0, bytes });

  it('is what the file says', () => {
    assert.equal(quantizationOf(headersOf({ 'general.file_type': 15 })), 'Q4_K_M');
    assert.equal(quantizationOf(headersOf({ 'general.file_type': 7 }, [tensor(0, 1e6)])), 'Q8_0');
  });

  it('is the type of most of its weights where the file does not say, or says what nobody knows', () => {
    const parts = [...headersOf({}, [tensor(0, 400), tensor(12, 300)]), ...headersOf({}, [tensor(12, 200)])];
    assert.equal(quantizationOf(parts), 'Q4_K');
    assert.equal(quantizationOf(headersOf({ 'general.file_type': 1_024 }, [tensor(23, 5)])), 'IQ4_XS');
    assert.equal(quantizationOf(headersOf({ 'general.file_type': 'Q4' }, [tensor(1, 5)])), 'F16');
  });

  it('is empty without weights', () => {
    assert.equal(quantizationOf([]), '');
    assert.equal(quantizationBy([], 'model-Q4_K_M.gguf'), '');
  });

  for (const [fileType, name, quantization] of [
    [10, 'DeepSeek-R1-UD-Q2_K_XL-00001-of-00005.gguf', 'UD-Q2_K_XL'],
    [7, 'model-UD-Q8_K_XL.gguf', 'UD-Q8_K_XL'],
    [15, 'model-Q4_K_L.gguf', 'Q4_K_L'],
    [15, 'model-Q4_K_S.gguf', 'Q4_K_M'],
    [7, 'model-UD-Q4_K_XL.gguf', 'Q8_0'],
    [10, 'model-UD-IQ2_M.gguf', 'Q2_K'],
    [15, 'model.gguf', 'Q4_K_M'],
    [1, 'model-Q4_K_M.gguf', 'F16'],
  ] as const) {
    it(`of ${name} that says number ${fileType} is ${quantization}`, () => assert.equal(quantizationBy(headersOf({ 'general.file_type': fileType }), name), quantization));
  }

  it('is what the name says in full of weights that say it in short', () => {
    assert.equal(quantizationBy(headersOf({}, [tensor(12, 400)]), 'model-Q4_K_M.gguf'), 'Q4_K_M');
  });
});

describe('name of a part', () => {
  it('has the names of all parts, in its folder and with its ending', () => {
    assert.deepEqual(splitName('/models/big-00002-of-00003.GGUF'), { index: 2, names: ['/models/big-00001-of-00003.GGUF', '/models/big-00002-of-00003.GGUF', '/models/big-00003-of-00003.GGUF'] });
  });

  it('is none of a whole file, of a part that cannot be, and of more parts than there are', () => {
    for (const name of ['model.gguf', 'm-00000-of-00002.gguf', 'm-00003-of-00002.gguf', 'm-00001-of-00000.gguf', 'm-00001-of-99999.gguf', 'm-1-of-2.gguf', 'm-00001-of-00002.gguf.part']) assert.equal(splitName(name), null, name);
  });
});
