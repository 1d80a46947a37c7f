import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { PodState } from '../../../../src/host/pod/podState.js';
import { FakePodClient } from '../../../support/fakePodClient.js';
import { podStatus, preview } from '../../../support/podFixtures.js';

describe('what a window knows of the pod', () => {
  let pod: FakePodClient;
  let state: PodState;
  beforeEach(() => {
    pod = new FakePodClient();
    state = new PodState(pod);
  });
  afterEach(() => state.dispose());

  it('is asked for while somebody wants it, once for all of them', () => {
    const [one, other] = [state.hold(), state.hold()];
    one.dispose();
    one.dispose();
    assert.deepEqual(pod.calls, [['watch', true]]);
    other.dispose();
    assert.deepEqual(pod.calls, [['watch', true], ['watch', false]]);
  });

  it('says why it cannot be had, until it can', async () => {
    pod.failure = new EngineError({ code: 'daemonUnavailable', reason: 'it ended' });
    state.hold();
    await settled();
    assert.equal(state.facts.failure?.code, 'daemonUnavailable');
    pod.setStatus(podStatus());
    assert.equal(state.facts.failure, null);
  });

  it('is asked for again by the next who wants it after a failure', async () => {
    pod.failure = new EngineError({ code: 'daemonUnavailable', reason: 'it ended' });
    state.hold();
    await settled();
    pod.failure = null;
    state.hold();
    assert.deepEqual(pod.calls, [['watch', true], ['watch', true]]);
    assert.equal(state.facts.failure, null);
  });

  it('has the plan of the model that is still considered, and none of one that was discarded while it was planned', () => {
    const [first, second] = [{ path: '/models/a.gguf', preview: null }, { path: '/models/b.gguf', preview: null }];
    state.consider(first);
    state.consider(null);
    state.planned(first, preview());
    assert.equal(state.facts.considered, null);
    state.consider(second);
    state.planned(first, null);
    assert.equal(state.facts.considered, second);
    state.planned(second, preview());
    assert.deepEqual(state.facts.considered, { path: second.path, preview: preview() });
  });

  it('changes with the status and with the model that is considered', () => {
    let heard = 0;
    state.onChange(() => heard++);
    pod.setStatus(podStatus());
    state.consider({ path: '/models/a.gguf', preview: null });
    assert.equal(heard, 2);
    assert.equal(state.facts.considered?.path, '/models/a.gguf');
  });
});
