import assert from 'node:assert/strict';
import { afterCrash, type CrashHistory } from '../../../src/engine/runtime/restartPolicy.js';

const policy = { backoffMs: [0, 500, 2_000], windowMs: 10_000 };

function crashes(...times: number[]): (number | 'giveUp')[] {
  let history: CrashHistory = [];
  return times.map((time) => {
    const decision = afterCrash(policy, history, time);
    history = decision.history;
    return decision.kind === 'restart' ? decision.afterMs : decision.kind;
  });
}

describe('restart policy', () => {
  it('waits longer for each restart and gives up after the last', () => {
    assert.deepEqual(crashes(0, 1, 2, 3), [0, 500, 2_000, 'giveUp']);
  });

  it('goes on giving up while the deaths follow one another', () => {
    assert.deepEqual(crashes(0, 1, 2, 3, 4, 5), [0, 500, 2_000, 'giveUp', 'giveUp', 'giveUp']);
  });

  it('forgets deaths that are older than the window', () => {
    assert.deepEqual(crashes(0, 9_999, 19_999, 40_000), [0, 500, 0, 0]);
  });

  it('restarts again when a window has passed since it gave up', () => {
    assert.deepEqual(crashes(0, 1, 2, 3, 20_000), [0, 500, 2_000, 'giveUp', 0]);
  });

  it('remembers no more than it needs, however long a crash loop lasts', () => {
    let history: CrashHistory = [];
    for (let time = 0; time < 1_000; time++) history = afterCrash(policy, history, time).history;
    assert.ok(history.length <= policy.backoffMs.length + 1);
  });

  it('never restarts without an allowed restart', () => {
    assert.equal(afterCrash({ backoffMs: [], windowMs: 1_000 }, [], 0).kind, 'giveUp');
  });
});
