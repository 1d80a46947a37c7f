import assert from 'node:assert/strict';
import os from 'node:os';
import { parseGroupMemory, parseMeminfo, parseStalls } from '../../../../src/engine/runtime/pressure/linuxMemory.js';
import { parseLevel, parseVmStat } from '../../../../src/engine/runtime/pressure/macMemory.js';
import { readMemory } from '../../../../src/engine/runtime/pressure/readMemory.js';

const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            412345.
Pages inactive:                           50000.
Pages speculative:                         2000.
Pages throttled:                              0.
Pages wired down:                        123456.
Pages purgeable:                           9999.
"Translation faults":                 987654321.
`;

describe('the memory of this machine', () => {
  it('is read from the system as it is', async () => {
    const { totalBytes, availableBytes } = await readMemory();
    assert.ok(totalBytes > 0 && totalBytes <= os.totalmem() * 1.001, `${totalBytes} of ${os.totalmem()}`);
    assert.ok(availableBytes > 0 && availableBytes <= totalBytes, `${availableBytes} of ${totalBytes}`);
  });
});

describe('the words of Linux about memory', () => {
  it('are total and available kibibytes', () => {
    const text = 'MemTotal:       24683660 kB\nMemFree:         1000000 kB\nMemAvailable:   20000000 kB\nBuffers:           12345 kB\n';
    assert.deepEqual(parseMeminfo(text), { totalBytes: 24_683_660 * 1_024, availableBytes: 20_000_000 * 1_024 });
  });

  it('are refused when they do not say what is available', () => {
    assert.throws(() => parseMeminfo('MemTotal:       24683660 kB\n'), /MemAvailable/);
  });

  it('are the shares of the last ten seconds', () => {
    const text = 'some avg10=4.32 avg60=2.10 avg300=0.95 total=128934821\nfull avg10=1.20 avg60=0.55 avg300=0.20 total=43219003\n';
    assert.deepEqual(parseStalls(text), { some: 0.0432, full: 0.012 });
  });

  it('are none about waiting when they are not understood', () => {
    assert.equal(parseStalls('some avg10=4.32\n'), null);
    assert.equal(parseStalls('some avg10=. avg60=0\nfull avg10=0.00\n'), null);
  });

  it('about a control group are its limit, where cached files can go', () => {
    const stat = 'anon 3000000000\nfile 1000000000\ninactive_file 700000000\nactive_file 200000000\n';
    assert.deepEqual(parseGroupMemory('8000000000\n', '4000000000\n', stat), { totalBytes: 8e9, availableBytes: 4.9e9 });
  });

  it('about a control group without a limit are none', () => {
    assert.equal(parseGroupMemory('max\n', '4000000000\n', ''), null);
  });

  it('about a control group that is beyond its limit leave nothing', () => {
    assert.equal(parseGroupMemory('1000\n', '2000\n', '')?.availableBytes, 0);
  });
});

describe('the words of macOS about memory', () => {
  it('are its levels', () => {
    assert.deepEqual(['1\n', '2\n', '4\n', '3\n', ''].map(parseLevel), ['normal', 'tight', 'critical', null, null]);
  });

  it('are pages that are free or have not been used for a while', () => {
    assert.equal(parseVmStat(vmStat), 152_000 * 16_384);
  });

  it('are refused without the size of a page', () => {
    assert.throws(() => parseVmStat('Pages free: 100.\n'), /page/);
  });
});
