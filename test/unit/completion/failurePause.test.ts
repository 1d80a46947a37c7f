import assert from 'node:assert/strict';
import { noFailures, pausedAt } from '../../../src/engine/completion/failurePause.js';

describe('pausedAt', () => {
  const cases: readonly [number, number, boolean][] = [
    [1, 1_999, true],
    [1, 2_000, false],
    [2, 3_999, true],
    [2, 4_000, false],
    [50, 59_999, true],
    [50, 60_000, false],
  ];
  for (const [failures, later, expected] of cases) {
    it(`${expected ? 'pauses' : 'goes on'} ${later} ms after failure ${failures} in a row`, () => {
      assert.equal(pausedAt({ failures, lastAt: 100 }, 100 + later), expected);
    });
  }

  it('does not pause without a failure', () => assert.equal(pausedAt(noFailures, 0), false));
});
