import assert from 'node:assert/strict';
import { fitText, listText, warningsText } from '../../../src/cli/modelsReport.js';
import { someFile, someFit, someInstalled, someModels, someOffer } from '../../support/modelExamples.js';

describe('models as text', () => {
  it('the list says what is here, what is on its way, and what is to be had', () => {
    const text = listText(
      {
        ...someModels,
        downloads: [{ id: 'd1', name: 'R1', quantization: 'Q4_K_M', source: someFile.source, totalBytes: 4e9, receivedBytes: 1e9, from: 'huggingface.co', status: { state: 'downloading', rate: 5e6, secondsLeft: 600 } }],
      },
      [someOffer],
    );
    assert.match(text, /^On this machine; 100 GB free in \/models\n {2}m1 +DeepSeek Coder 1\.3B Base +Q4_K_M +873 MB +completion +verified +\/models\/coder\.gguf\n/);
    assert.match(text, /\nOn the way\n {2}R1 +Q4_K_M +1\.0 GB of 4\.0 GB · 5\.0 MB\/s · 10 min left · from huggingface\.co\n/);
    assert.match(text, /\n {2}coder-1\.3b-base:Q4_K_M +1\.4B +873 MB.* +fits +42\.5 tokens\/s +completion, recommended for completion\n/);
  });

  it('the list of an empty machine says so, and leaves out what is not asked for', () => {
    assert.equal(listText({ ...someModels, installed: [] }, null), 'On this machine; 100 GB free in /models\n  none\n');
  });

  it('a file that is gone, a checksum that differs and a trap are said in the list', () => {
    const text = listText({ ...someModels, installed: [{ ...someInstalled, missing: true }, { ...someInstalled, checksum: 'differs' }, { ...someInstalled, traps: ['oldTokenizer'] }] }, null);
    for (const words of [/the file is gone/, /differs/, /old tokenizer/]) assert.match(text, words);
  });

  it('the fit says what the memory is for, the speed, and what the figures are from', () => {
    const text = fitText(someOffer);
    for (const words of [/weights +873 MB/, /KV cache +1\.6 GB +8192 tokens, f16/, /compute buffers +200 MB/, /together +2\.7 GB +12\.0 GB can be used; 4\.0 GB stay/, /fits · 42\.5 tokens\/s expected · estimated from the catalogue/]) assert.match(text, words);
  });

  it('a smaller context is said with its size and type, a model that cannot run with the reason', () => {
    assert.match(fitText({ ...someOffer, files: [{ ...someFile, fit: { ...someFit, verdict: 'smallerContext', contextSize: 2_048, kvType: 'q8_0', tokensPerSecond: null } }] }), /fits with smaller context \(2048 tokens, q8_0\) ·/);
    assert.match(fitText({ ...someOffer, unsupported: 'deepseek9' }), /cannot run: deepseek9/);
  });

  it('the fit says what a chat with the model must heed', () => {
    assert.doesNotMatch(fitText(someOffer), /system prompt/);
    assert.match(fitText({ ...someOffer, quirks: ['noSystemPrompt', 'forcedThinking'] }), /without a system prompt.*\n +It reasons before every answer/);
  });

  it('a trap that several files have is explained once', () => {
    const text = fitText({ ...someOffer, files: [{ ...someFile, traps: ['fullAttentionCache'] }, { ...someFile, id: 'Q8_0', traps: ['fullAttentionCache', 'unverified'] }] });
    assert.equal(text.split('\n! ').length - 1, 2);
    assert.equal(text.split('large KV cache').length - 1, 2);
  });

  it('every trap is a sentence of its own', () => {
    assert.equal(warningsText(['oldTokenizer', 'unverified']).trimEnd().split('\n').length, 2);
  });
});
