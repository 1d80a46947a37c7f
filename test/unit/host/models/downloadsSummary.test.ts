import assert from 'node:assert/strict';
import { downloadsSummary } from '../../../../src/host/models/downloadsSummary.js';
import { someDownload } from '../../../support/modelExamples.js';

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
