import assert from 'node:assert/strict';
import { TrafficMeter } from '../../../src/engine/pod/core/guard/trafficMeter.js';

describe('traffic of a tunnel', () => {
  let now: number;
  let meter: TrafficMeter;
  beforeEach(() => {
    now = 10_000;
    meter = new TrafficMeter(() => now);
  });

  it('is nothing at first', () => assert.deepEqual(meter.traffic, { sentBytes: 0, receivedBytes: 0, rate: 0, latency: 0 }));

  it('counts both directions apart, and both in the rate over two seconds', () => {
    meter.sent(3_000);
    now += 500;
    meter.received(1_000);
    assert.deepEqual(meter.traffic, { sentBytes: 3_000, receivedBytes: 1_000, rate: 2_000, latency: 0 });
  });

  it('forgets the rate two seconds later, tenth by tenth', () => {
    meter.sent(1_000);
    now += 1_000;
    meter.sent(1_000);
    now += 950;
    assert.equal(meter.traffic.rate, 1_000);
    now += 100;
    assert.equal(meter.traffic.rate, 500);
    now += 1_000;
    assert.equal(meter.traffic.rate, 0);
    assert.equal(meter.traffic.sentBytes, 2_000);
  });

  it('forgets the rate after any pause', () => {
    meter.sent(1_000);
    now += 3_600_000;
    assert.equal(meter.traffic.rate, 0);
    meter.sent(10);
    assert.equal(meter.traffic.rate, 5);
  });

  it('has the median of the last answers in seconds', () => {
    for (const ms of [1, 2, 900]) meter.answered(ms);
    assert.equal(meter.traffic.latency, 0.002);
    for (let i = 0; i < 31; i++) meter.answered(5);
    assert.equal(meter.traffic.latency, 0.005);
  });
});
