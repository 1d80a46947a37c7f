import assert from 'node:assert/strict';
import { downloadLines, timeLeftText } from '../../../../src/host/models/downloadText.js';
import { downloadsSummary } from '../../../../src/host/models/downloadsSummary.js';
import { someDownload } from '../../../support/modelExamples.js';

const running = { state: 'downloading', rate: 2e6, secondsLeft: null } as const;

describe('a download in words', () => {
  it('says the time left in the unit that people wait in', () => {
    assert.deepEqual([0.2, 59, 90, 3_599, 4_800].map(timeLeftText), ['1 s left', '59 s left', '2 min left', '1 h 0 min left', '1 h 20 min left']);
  });

  it('says how much has come and where from', () => {
    assert.deepEqual(downloadLines({ ...someDownload, status: running }), ['42 % · 2.0 MB/s', '367 MB of 873 MB', 'from hub.example']);
  });

  it('says what has come while the size is not known', () => {
    assert.equal(downloadLines({ ...someDownload, totalBytes: 0, status: running })[1], '367 MB');
  });
});

describe('the downloads in the status bar', () => {
  it('are not there without any, and not while all are paused', () => {
    assert.equal(downloadsSummary([]), null);
    assert.equal(downloadsSummary([{ ...someDownload, status: { state: 'paused' } }]), null);
  });

  it('are counted together', () => {
    const half = { ...someDownload, id: 'd2', receivedBytes: 50, totalBytes: 100 };
    assert.deepEqual(downloadsSummary([half, { ...half, id: 'd3', receivedBytes: 0 }]), { text: '$(cloud-download) 25 %', spoken: '2 downloads: 25 %' });
  });

  it('say when one has stopped and none goes on', () => {
    const failed = { ...someDownload, status: { state: 'failed', failure: { code: 'connectionLost' } } } as const;
    assert.match(downloadsSummary([failed])?.text ?? '', /download stopped/);
    assert.match(downloadsSummary([failed, { ...someDownload, id: 'd2' }])?.text ?? '', /42 %/);
  });
});
