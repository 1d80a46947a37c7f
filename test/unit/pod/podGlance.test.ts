import assert from 'node:assert/strict';
import { toDisposable } from '../../../src/engine/base/disposable.js';
import { PodGlance } from '../../../src/engine/pod/podGlance.js';
import { isFailure } from '../../support/failures.js';
import { checkLeaks } from '../../support/leaks.js';
import { ManualClock, settle } from '../../support/manualClock.js';

const { signal } = new AbortController();

describe('a look at the pod', () => {
  const home = checkLeaks();
  let clock: ManualClock;
  let glance: PodGlance;
  let joining: boolean;
  let looks: number;
  let watching: number;

  beforeEach(() => {
    clock = new ManualClock();
    [joining, looks, watching] = [true, 0, 0];
    const watch = async () => {
      looks++;
      watching++;
      return toDisposable(() => watching--);
    };
    glance = new PodGlance({ clock, watch, joining: () => joining });
    home.atEnd(() => glance.dispose());
  });

  /** Whether it has settled. */
  function look(): () => boolean {
    let settled = false;
    void glance.look(signal).then(() => (settled = true));
    return () => settled;
  }

  it('waits for the machines that are on their way, but not for long', async () => {
    const quick = look();
    await clock.advance(500);
    assert.equal(quick(), false);
    joining = false;
    await clock.advance(100);
    assert.equal(quick(), true);

    const late = new PodGlance({ clock, watch: async () => toDisposable(() => undefined), joining: () => true });
    let settled = false;
    void late.look(signal).then(() => (settled = true));
    await clock.advance(1_900);
    assert.equal(settled, false);
    await clock.advance(100);
    assert.equal(settled, true);
    late.dispose();
  });

  it('is at once when somebody has looked shortly before, and ends when nobody has for a while', async () => {
    const first = look();
    await clock.advance(2_000);
    assert.ok(first());
    const second = look();
    await settle();
    assert.ok(second());
    assert.deepEqual([looks, watching], [1, 1]);
    await clock.advance(30_000);
    assert.deepEqual([watching, clock.waiting], [0, 0]);
    void look();
    await settle();
    assert.equal(looks, 2);
  });

  it('that is given up goes on for the others', async () => {
    const controller = new AbortController();
    const cancelled = glance.look(controller.signal);
    const other = look();
    await clock.advance(500);
    controller.abort();
    await assert.rejects(cancelled, isFailure('cancelled'));
    joining = false;
    await clock.advance(100);
    assert.ok(other());
    assert.equal(looks, 1);
  });

  it('ends with the pod', async () => {
    const cancelled = glance.look(signal);
    await clock.advance(500);
    glance.dispose();
    await assert.rejects(cancelled, isFailure('cancelled'));
    await settle();
    assert.deepEqual([watching, clock.waiting], [0, 0]);
  });
});
