import assert from 'node:assert/strict';
import { speedOf } from '../../../src/engine/layerServer/layerSpeed.js';

describe('speed of a device', () => {
  it('is the line through a small and a large layer', () => {
    const { bandwidth, layerOverhead } = speedOf({ seconds: 0.000_3, bytes: 1_000 }, { seconds: 0.010_3, bytes: 100_001_000 });
    assert.ok(Math.abs(bandwidth / 1e10 - 1) < 1e-9);
    assert.ok(Math.abs(layerOverhead / 0.000_299_9 - 1) < 1e-9);
  });

  it('predicts the time of a layer between them', () => {
    const { bandwidth, layerOverhead } = speedOf({ seconds: 1, bytes: 0 }, { seconds: 3, bytes: 200 });
    assert.equal(layerOverhead + 100 / bandwidth, 2);
  });

  it('never has a negative overhead, nor an endless bandwidth, when noise turns the measurements round', () => {
    assert.deepEqual(speedOf({ seconds: 2, bytes: 10 }, { seconds: 1, bytes: 100 }), { bandwidth: 100, layerOverhead: 1.9 });
    assert.equal(speedOf({ seconds: 0.1, bytes: 100 }, { seconds: 10, bytes: 1_000 }).layerOverhead, 0);
  });
});
