import assert from 'node:assert/strict';
import type { DownloadRecord } from '../../../../src/engine/models/store/downloadRecord.js';
import { downloadView, RunningProgress } from '../../../../src/engine/models/store/downloadView.js';
import { ManualClock } from '../../../support/manualClock.js';

const record: DownloadRecord = {
  id: 'd1',
  name: 'Two',
  quantization: 'Q4_K_M',
  source: { kind: 'url', url: 'https://hub.example/a.gguf' },
  folder: '/models/hub.example',
  parts: [
    { name: 'a.gguf', bytes: 600, sha256: null },
    { name: 'b.gguf', bytes: 400, sha256: null },
  ],
  acceptedLicence: null,
  state: { state: 'queued' },
};

describe('a download as it is shown', () => {
  let clock: ManualClock;
  let running: RunningProgress;
  const at = (receivedBytes: number, hashedBytes = receivedBytes): void => running.add({ totalBytes: 1_000, receivedBytes, hashedBytes, from: 'hub.example' });

  beforeEach(() => {
    clock = new ManualClock();
    running = new RunningProgress(clock);
  });

  it('what waits says how large it is and how much is there', () => {
    const view = downloadView(record, { running: null, received: 250, againAt: null });
    assert.equal(view.totalBytes, 1_000);
    assert.equal(view.receivedBytes, 250);
    assert.deepEqual(view.status, { state: 'queued' });
  });

  it('the size is not known before that of every part is', () => {
    assert.equal(downloadView({ ...record, parts: [{ name: 'a.gguf', bytes: 600, sha256: null }, { name: 'b.gguf', bytes: null, sha256: null }] }, { running: null, received: 0, againAt: null }).totalBytes, 0);
  });

  it('the rate is that of what comes now, and the time that is left follows from it', async () => {
    at(500);
    await clock.advance(1_000);
    at(600);
    assert.deepEqual(running.state, { state: 'downloading', rate: 100, secondsLeft: 4 });
    assert.equal(downloadView(record, { running, received: 0, againAt: null }).from, 'hub.example');
  });

  it('a download that stalls has no rate after some seconds', async () => {
    at(500);
    await clock.advance(500);
    at(600);
    for (let second = 0; second < 4; second++) {
      await clock.advance(1_000);
      assert.equal(running.state.state, 'downloading');
    }
    assert.deepEqual(running.state, { state: 'downloading', rate: 0, secondsLeft: null });
  });

  it('what was there before it went on counts for no rate', () => {
    at(900);
    assert.deepEqual(running.state, { state: 'downloading', rate: 0, secondsLeft: null });
  });

  it('when all has come what is left to do is to verify', () => {
    at(1_000, 400);
    assert.deepEqual(running.state, { state: 'verifying', progress: 0.4 });
  });
});
