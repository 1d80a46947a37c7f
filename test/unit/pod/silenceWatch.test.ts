import assert from 'node:assert/strict';
import { SilenceWatch } from '../../../src/engine/pod/net/peers/silenceWatch.js';
import { heartbeatMs, silenceMs } from '../../../src/engine/protocol/peerMessages.js';
import { ManualClock } from '../../support/manualClock.js';

describe('the silence of another machine', () => {
  let clock: ManualClock;
  let watch: SilenceWatch;
  let beats: number;
  let silent: number;

  beforeEach(() => {
    clock = new ManualClock();
    [beats, silent] = [0, 0];
    watch = new SilenceWatch({ clock, onBeat: () => beats++, onSilent: () => silent++ });
  });
  afterEach(() => watch.dispose());

  it('is noticed when it is long enough, once, and nothing is waited for after that', async () => {
    await clock.advance(silenceMs - 1);
    assert.equal(silent, 0);
    await clock.advance(1);
    await clock.advance(10 * silenceMs);
    assert.deepEqual([silent, clock.waiting], [1, 0]);
  });

  it('begins anew with everything that is heard, and there is a beat meanwhile', async () => {
    for (let i = 0; i < 20; i++) {
      await clock.advance(heartbeatMs);
      watch.heard();
    }
    assert.deepEqual([silent, beats], [0, 20]);
  });

  // Whenever it was heard last, and whenever this process stopped after that.
  for (let heardAt = 0; heardAt < silenceMs; heardAt += 100) {
    it(`is not the time in which this process stood still, after it was heard at ${heardAt} ms`, async () => {
      await clock.advance(heardAt);
      watch.heard();
      await clock.advance(heartbeatMs);
      clock.standStill(silenceMs + heartbeatMs);
      // What came meanwhile is read after the timers.
      await clock.advance(heartbeatMs);
      assert.equal(silent, 0);
      watch.heard();
      await clock.advance(silenceMs);
      assert.equal(silent, 1);
    });
  }
});
