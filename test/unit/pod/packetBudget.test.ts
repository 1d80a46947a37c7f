import assert from 'node:assert/strict';
import { PacketBudget } from '../../../src/engine/pod/core/discovery/packetBudget.js';

describe('packet budget', () => {
  const make = (): PacketBudget => new PacketBudget({ rate: 10, burst: 5, sources: 3, forgetMs: 1_000 });
  const admitted = (budget: PacketBudget, source: string, now: number, packets: number): number => Array.from({ length: packets }, () => budget.admit(source, now)).filter(Boolean).length;

  it('a source may send a burst, and then as many as the rate allows', () => {
    const budget = make();
    assert.equal(admitted(budget, 'a', 0, 100), 5);
    assert.equal(admitted(budget, 'a', 200, 100), 2);
    assert.equal(admitted(budget, 'a', 60_000, 100), 5);
  });

  it('one that floods does not silence another', () => {
    const budget = make();
    admitted(budget, 'flood', 0, 10_000);
    assert.equal(admitted(budget, 'a', 0, 3), 3);
  });

  it('sources beyond the limit share one share, and those that talk keep theirs', () => {
    const budget = make();
    for (let now = 0; now <= 10_000; now += 500) {
      assert.equal(budget.admit('a', now), true);
      const forged = Array.from({ length: 1_000 }, (_, index) => budget.admit(`forged ${now} ${index}`, now)).filter(Boolean).length;
      // Two places are free at most, and the shared one has a burst.
      assert.ok(forged <= 2 + 5, `${forged}`);
    }
  });

  it('a silent source gives its place to a new one', () => {
    const budget = make();
    for (const source of ['a', 'b', 'c']) admitted(budget, source, 0, 5);
    admitted(budget, 'shared', 0, 5);
    assert.equal(budget.admit('d', 100), true, 'a little of the share has come back');
    assert.equal(budget.admit('d', 100), false);
    assert.equal(admitted(budget, 'd', 1_000, 5), 5);
  });
});
