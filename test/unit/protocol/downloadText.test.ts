import assert from 'node:assert/strict';
import { downloadProgress, downloadText, durationText } from '../../../src/engine/protocol/downloadText.js';
import type { Download } from '../../../src/engine/protocol/modelTypes.js';

const download: Download = {
  id: 'd1',
  name: 'Coder',
  quantization: 'Q4_K_M',
  source: { kind: 'url', url: 'https://example.org/a.gguf' },
  totalBytes: 4_700_000_000,
  receivedBytes: 1_175_000_000,
  from: 'example.org',
  status: { state: 'downloading', rate: 34_000_000, secondsLeft: 104 },
};

describe('the words of a download', () => {
  it('say what has come, how fast, for how long still, and from where', () => {
    assert.equal(downloadText(download), '1.2 GB of 4.7 GB · 34.0 MB/s · 2 min left · from example.org');
  });

  it('say no time left while it is not known, and no total without one', () => {
    assert.equal(downloadText({ ...download, totalBytes: 0, from: '', status: { state: 'downloading', rate: 0, secondsLeft: null } }), '1.2 GB · 0 B/s');
  });

  for (const [status, expected] of [
    [{ state: 'queued' }, /turn/],
    [{ state: 'paused' }, /^paused, 1\.2 GB of 4\.7 GB$/],
    [{ state: 'verifying', progress: 0.999 }, /99 %/],
    [{ state: 'failed', failure: { code: 'serverUnreachable', host: 'example.org', reason: 'no route' } }, /no route/],
  ] as const) {
    it(`of one that is ${status.state}`, () => assert.match(downloadText({ ...download, status }), expected));
  }

  it('of one that has failed say when it is tried again, if it is', () => {
    const failure = { code: 'serverUnreachable', host: 'example.org', reason: 'no route' } as const;
    assert.match(downloadText({ ...download, status: { state: 'failed', failure, againAt: new Date(2026, 0, 1, 14, 5).getTime() } }), /tried again at 0?2:05 PM|tried again at 14:05/);
    assert.doesNotMatch(downloadText({ ...download, status: { state: 'failed', failure } }), /again at/);
  });

  for (const [seconds, text] of [
    [0.2, '1 s'],
    [59.4, '59 s'],
    [90, '2 min'],
    [11_100, '3 h 5 min'],
  ] as const) {
    it(`${seconds} seconds are ${text}`, () => assert.equal(durationText(seconds), text));
  }

  it('the progress is unknown without a total, and never more than all', () => {
    assert.equal(downloadProgress(download), 0.25);
    assert.equal(downloadProgress({ totalBytes: 0, receivedBytes: 5 }), null);
    assert.equal(downloadProgress({ totalBytes: 4, receivedBytes: 5 }), 1);
  });
});
