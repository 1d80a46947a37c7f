import assert from 'node:assert/strict';
import * as v from 'valibot';
import { type EngineNotice, engineNoticeSchema } from '../../../src/engine/protocol/engineTypes.js';
import { noticeText } from '../../../src/engine/protocol/noticeText.js';

const pressure: Extract<EngineNotice, { kind: 'memoryPressure' }> = { kind: 'memoryPressure', critical: false, availableBytes: 1.5e9, unloaded: ['R1', 'Coder'] };

describe('a notice in words', () => {
  it('says what was unloaded and that it comes back', () => {
    assert.equal(
      noticeText(pressure),
      'The system is short of memory, with 1.5 GB left. Models that were idle have been unloaded: R1, Coder. The next request loads them again.',
    );
  });

  it('says what to do when nothing more is loaded', () => {
    assert.match(noticeText({ ...pressure, critical: true, unloaded: [] }), /with 1\.5 GB left\. Until there is more, no model is loaded\. Close other programs/);
  });

  it('has names from model files in one line, without what would move the cursor', () => {
    const unloaded = ['R1\u001b[2J\r\nall is well'];
    assert.equal(noticeText(v.parse(engineNoticeSchema, { ...pressure, unloaded })).includes('R1 [2J  all is well'), true);
  });

  it('says what a model got less of, and what would leave room for more', () => {
    const text = noticeText({ kind: 'reduced', role: 'chat', model: 'R1', contextSize: 4_096, kvType: 'q8_0' });
    assert.match(text, /R1: it runs with a context of 4096 tokens and a KV cache of the type q8_0.*smaller model/);
  });
});
