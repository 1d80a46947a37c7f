import assert from 'node:assert/strict';
import { doctorReport } from '../../../../src/host/pod/doctorReport.js';

describe('the report of the pod doctor', () => {
  it('puts what is in the way first, with what to do', () => {
    const report = doctorReport([
      { check: 'clock', verdict: 'good', machine: 'mini', detail: '0.1' },
      { check: 'library', verdict: 'bad', machine: null, detail: 'libggml-rpc.so' },
    ]);
    const headings = Array.from(report.matchAll(/^## (.*)$/gm), ([, heading]) => heading);
    assert.deepEqual(headings, ['In the way', 'In order']);
    assert.match(report, /- \*\*The library for remote layers is missing.*\*\* {2}\n {2}Install/);
    assert.match(report, /Something may keep machines/);
  });

  it('says so when all is well', () => {
    assert.match(doctorReport([{ check: 'library', verdict: 'good', machine: null, detail: 'v0.4.0' }]), /Nothing was found/);
  });

  it('makes nothing of a name that looks like markdown', () => {
    assert.doesNotMatch(doctorReport([{ check: 'machine', verdict: 'bad', machine: '![x](http://evil)', detail: '<b>' }]), /\]\(|<b>/);
  });
});
