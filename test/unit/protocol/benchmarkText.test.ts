import assert from 'node:assert/strict';
import { benchmarkMarkdown, firstTokenText, modelText, placeText, predictionText, rateText } from '../../../src/engine/protocol/benchmarkText.js';
import { someRow } from '../../support/modelExamples.js';

describe('what was measured, in words', () => {
  it('is a table in Markdown', () => {
    assert.equal(
      benchmarkMarkdown([someRow, { ...someRow, where: 'pod', machines: 2, gpu: 'metal', decodeTokensPerSecond: 120.4, predictedTokensPerSecond: null }]),
      [
        '| Model | Where | Prompt (tokens/s) | Answer (tokens/s) | First token | Predicted (tokens/s) |',
        '| --- | --- | ---: | ---: | ---: | ---: |',
        '| DeepSeek Coder 1.3B Base Q4\\_K\\_M | this machine, processor | 310 | 38.0 | 1.6 s | 42.5 (−11 %) |',
        '| DeepSeek Coder 1.3B Base Q4\\_K\\_M | pod, 2 machines, Metal | 310 | 120 | 1.6 s | – |',
        '',
      ].join('\n'),
    );
  });

  it('has the reason of a model that could not be measured in the place of its figures', () => {
    const table = benchmarkMarkdown([{ ...someRow, failure: { code: 'modelNotFound', path: '/a.gguf' } }]);
    const [, , row = ''] = table.split('\n');
    assert.match(row, /^\| DeepSeek Coder .* \| this machine \| – \| – \| – \| .*\/a\.gguf.* \|$/);
    assert.match(benchmarkMarkdown([{ ...someRow, where: 'pod', failure: { code: 'modelNotFound', path: '/a.gguf' } }]), / \| pod \| – /);
  });

  it('lets no name of a model out of its cell', () => {
    const [, , row = '', end] = benchmarkMarkdown([{ ...someRow, model: 'a | b\n<img src=x> [c](d) `e`', quantization: '' }]).split('\n');
    assert.ok(row.startsWith('| a \\| b \\<img src=x\\> \\[c\\](d) \\`e\\` | '));
    assert.equal(end, '');
  });

  it('names the quantization unless the name has it', () => {
    assert.equal(modelText({ model: 'Coder', quantization: 'Q4_K_M' }), 'Coder Q4_K_M');
    assert.equal(modelText({ model: 'coder-q4_k_m.gguf', quantization: 'Q4_K_M' }), 'coder-q4_k_m.gguf');
    assert.equal(modelText({ model: 'Coder', quantization: '' }), 'Coder');
  });

  it('has figures that people can compare', () => {
    assert.deepEqual([9.96, 99.94, 100.4, 2_345.6].map(rateText), ['10.0', '99.9', '100', '2346']);
    assert.deepEqual([850.4, 2_140].map(firstTokenText), ['850 ms', '2.1 s']);
    assert.equal(placeText({ where: 'pod', machines: 1 }), 'pod, 1 machine');
    assert.equal(predictionText({ predictedTokensPerSecond: 20, decodeTokensPerSecond: 25 }), '20.0 (+25 %)');
    assert.equal(predictionText({ predictedTokensPerSecond: 0, decodeTokensPerSecond: 25 }), '–');
  });
});
