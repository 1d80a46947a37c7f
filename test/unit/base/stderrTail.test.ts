import assert from 'node:assert/strict';
import { StderrTail } from '../../../src/engine/base/stderrTail.js';

describe('last words of a process', () => {
  it('names why ggml aborted', () => {
    const tail = new StderrTail();
    tail.add(Buffer.from('some text of the user\nggml-backend.cpp:1: GGML_ASSERT(*cur_backend_id != -1) failed\nmore'));
    assert.equal(tail.explain('SIGABRT'), 'SIGABRT, ggml-backend.cpp:1: GGML_ASSERT(*cur_backend_id != -1) failed');
  });

  it('gives nothing else away', () => {
    const tail = new StderrTail();
    tail.add(Buffer.from('some text of the user'));
    assert.equal(tail.explain('SIGKILL'), 'SIGKILL');
  });

  it('keeps a bounded end', () => {
    const tail = new StderrTail();
    for (let line = 0; line < 10_000; line++) tail.add(Buffer.from(`line ${line}\n`));
    assert.ok(tail.text.length <= 8_192);
    assert.ok(tail.text.endsWith('line 9999'));
  });
});
