import assert from 'node:assert/strict';
import { RateMeter } from '../../../src/engine/base/rateMeter.js';

describe('rate meter', () => {
  it('knows no rate from nothing or one moment', () => {
    const meter = new RateMeter();
    assert.equal(meter.rate(), 0);
    meter.add(5, 100);
    assert.equal(meter.rate(), 0);
    meter.add(5, 100);
    assert.equal(meter.rate(), 0);
  });

  it('counts the tokens after the first sample over the time since it', () => {
    const meter = new RateMeter();
    for (let at = 0; at <= 1_000; at += 100) meter.add(2, at);
    assert.equal(meter.rate(), 20);
  });

  it('follows a change within two seconds', () => {
    const meter = new RateMeter();
    for (let at = 0; at <= 1_000; at += 10) meter.add(1, at);
    for (let at = 1_100; at <= 4_000; at += 100) meter.add(1, at);
    assert.equal(meter.rate(), 10);
  });
});
