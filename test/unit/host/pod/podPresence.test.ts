import assert from 'node:assert/strict';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../../../src/engine/base/logger.js';
import { PodPresence } from '../../../../src/host/pod/podPresence.js';
import { PodState } from '../../../../src/host/pod/podState.js';
import { shareOptions } from '../../../../src/host/pod/shareOptions.js';
import { FakePodClient } from '../../../support/fakePodClient.js';
import { failsWith } from '../../../support/testClient.js';
import { TestSettings } from '../../../support/hostSettings.js';
import { ManualClock } from '../../../support/manualClock.js';
import { podStatus } from '../../../support/podFixtures.js';

describe('what a window tells the daemon of sharing', () => {
  let pod: FakePodClient;
  let settings: TestSettings;
  let clock: ManualClock;
  let presence: PodPresence;
  const start = (): PodPresence => (presence = new PodPresence({ pod, settings, clock, state: new PodState(pod), hostName: 'host-7', log: new Logger(nullLogSink, 'test') }));
  const shared = (): unknown[] => pod.calls.filter((call) => Array.isArray(call) && call[0] !== 'watch');
  beforeEach(() => {
    pod = new FakePodClient();
    settings = new TestSettings();
    clock = new ManualClock();
  });
  afterEach(() => presence.dispose());

  it('is nothing while nothing is shared: the daemon is not even started', async () => {
    start();
    await clock.advance(2_000);
    settings.changePod({ name: 'studio' });
    await presence.apply();
    assert.deepEqual(pod.calls, []);
  });

  it('is said some time after the start, the name first', async () => {
    settings.changePod({ share: true, name: 'studio', shareMemoryGb: 1.5, shareCpu: true, shareOnlyWith: [' mini ', ''], port: 5_000, cacheGb: 2 });
    start();
    await clock.advance(1_999);
    assert.deepEqual(pod.calls, []);
    await clock.advance(1);
    await presence.apply();
    assert.deepEqual(shared(), [['rename', 'studio'], ['share', { memoryLimit: 1.5e9, cpu: true, only: ['mini'], port: 5_000, cacheLimit: 2e9 }]]);
  });

  it('follows the settings, and is not repeated', async () => {
    start();
    settings.changePod({ share: true });
    await presence.apply();
    settings.changePod({ share: true });
    await presence.apply();
    settings.changePod({ share: false });
    await presence.apply();
    assert.deepEqual(shared(), [['share', shareOptions({ ...settings.current, pod: { ...settings.current.pod, share: true } })], ['share', null]]);
  });

  it('listens for who asks to be paired as long as it is shared', async () => {
    start();
    settings.changePod({ share: true });
    await presence.apply();
    settings.changePod({ share: false });
    await presence.apply();
    assert.deepEqual(pod.calls.filter((call) => Array.isArray(call) && call[0] === 'watch'), [['watch', true], ['watch', false]]);
  });

  it('rejects with the reason when the daemon does not take it, and is said again the next time', async () => {
    start();
    await clock.advance(2_000);
    pod.failure = new EngineError({ code: 'podPortTaken', port: 47_613 });
    settings.current = { ...settings.current, pod: { ...settings.current.pod, share: true } };
    await assert.rejects(presence.apply(), failsWith('podPortTaken'));
    pod.failure = null;
    await presence.apply();
    assert.equal(shared().length, 2);
  });

  it('gives the name to a daemon that others have started, and the host name when the setting is emptied', async () => {
    start();
    settings.changePod({ name: 'studio' });
    await presence.apply();
    pod.setStatus(podStatus());
    await presence.apply();
    settings.changePod({ name: '' });
    await presence.apply();
    assert.deepEqual(shared(), [['rename', 'studio'], ['rename', 'host-7']]);
  });
});
