import assert from 'node:assert/strict';
import type { EngineNotice } from '../../../src/engine/protocol/engineTypes.js';
import { NoticeFilter } from '../../../src/host/noticeFilter.js';
import { ManualClock } from '../../support/manualClock.js';

const pressure: EngineNotice = { kind: 'memoryPressure', critical: false, availableBytes: 1e9, unloaded: ['R1'] };
const reduced: EngineNotice = { kind: 'reduced', role: 'chat', model: 'R1', contextSize: 4_096, kvType: 'q8_0' };

describe('notices as messages', () => {
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
  });
  const shown = (...notices: EngineNotice[]): boolean[] => {
    const filter = new NoticeFilter(clock);
    return notices.map((notice) => filter.isForMessage(notice));
  };

  it('say that idle models go once in ten minutes, for a machine may be short of memory for hours', async () => {
    const filter = new NoticeFilter(clock);
    assert.deepEqual([filter.isForMessage(pressure), filter.isForMessage(pressure)], [true, false]);
    await clock.advance(600_000);
    assert.equal(filter.isForMessage(pressure), true);
  });

  it('say each time that nothing is loaded any more', () => {
    assert.deepEqual(shown(pressure, { ...pressure, critical: true }, { ...pressure, critical: true }, pressure), [true, true, true, false]);
  });

  it('say once what a chat model got less of, and again when it is something else', () => {
    assert.deepEqual(shown(reduced, reduced, { ...reduced, contextSize: 2_048 }, { ...reduced, model: 'V3' }), [true, false, true, true]);
  });

  it('leave out the completion model, which is loaded while somebody types', () => {
    assert.deepEqual(shown({ ...reduced, role: 'completion' }), [false]);
  });
});
