import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { Logger, nullLogSink } from '../../../../src/engine/base/logger.js';
import { ConsideredPlan } from '../../../../src/host/pod/consideredPlan.js';
import { PodState } from '../../../../src/host/pod/podState.js';
import { someOptions } from '../../../support/fakeEngine.js';
import { FakePodClient } from '../../../support/fakePodClient.js';
import { ManualClock } from '../../../support/manualClock.js';
import { machine, podStatus, preview, stranger } from '../../../support/podFixtures.js';

describe('the plan of the considered model', () => {
  let pod: FakePodClient;
  let state: PodState;
  let clock: ManualClock;
  let plans: ConsideredPlan;
  const asked = (): number => pod.calls.filter((call) => Array.isArray(call) && call[0] === 'plan').length;
  beforeEach(async () => {
    pod = new FakePodClient();
    state = new PodState(pod);
    clock = new ManualClock();
    const role = someOptions.chat;
    assert.ok(role);
    plans = new ConsideredPlan({ pod, state, clock, log: new Logger(nullLogSink, 'test'), options: (path) => ({ ...role, model: { ...role.model, path } }) });
    pod.setStatus(podStatus({ machines: [stranger()] }));
    state.consider({ path: '/models/a.gguf', preview: await plans.plan('/models/a.gguf', new AbortController().signal) });
  });
  afterEach(() => {
    plans.dispose();
    state.dispose();
  });

  it('is made anew once after machines have come', async () => {
    pod.preview = preview();
    pod.setStatus(podStatus({ machines: [stranger(), machine({ presence: 'connecting' })] }));
    pod.setStatus(podStatus({ machines: [stranger(), machine()] }));
    await clock.advance(500);
    await settled();
    assert.equal(asked(), 2);
    assert.equal(state.facts.considered?.preview?.advice, 'pod');
  });

  it('is not made anew for a figure that changes', async () => {
    pod.setStatus(podStatus({ machines: [stranger({ addresses: [] })] }));
    await clock.advance(1_000);
    assert.equal(asked(), 1);
  });

  it('stays away when it was discarded meanwhile', async () => {
    pod.setStatus(podStatus({ machines: [machine()] }));
    state.consider(null);
    await clock.advance(1_000);
    await settled();
    assert.equal(state.facts.considered, null);
    assert.equal(asked(), 1);
  });
});
