import assert from 'node:assert/strict';
import type { EngineNotice } from '../../../src/engine/protocol/engineTypes.js';
import { NoticeFilter } from '../../../src/host/noticeFilter.js';

const pressure: EngineNotice = { kind: 'memoryPressure', critical: false, availableBytes: 1e9, unloaded: ['R1'] };
const reduced: EngineNotice = { kind: 'reduced', role: 'chat', model: 'R1', contextSize: 4_096, kvType: 'q8_0' };

describe('notices as messages', () => {
  const shown = (...notices: EngineNotice[]): boolean[] => {
    const filter = new NoticeFilter();
    return notices.map((notice) => filter.isForMessage(notice));
  };

  it('are shown each time that memory gets short', () => {
    assert.deepEqual(shown(pressure, pressure), [true, true]);
  });

  it('say once what a chat model got less of, and again when it is something else', () => {
    assert.deepEqual(shown(reduced, reduced, { ...reduced, contextSize: 2_048 }, { ...reduced, model: 'V3' }), [true, false, true, true]);
  });

  it('leave out the completion model, which is loaded while somebody types', () => {
    assert.deepEqual(shown({ ...reduced, role: 'completion' }), [false]);
  });
});
