import assert from 'node:assert/strict';
import { calibrated, type Measurement } from '../../../../src/engine/models/fit/calibration.js';

const measurement = (path: string, predicted: number, measured: number, where: Measurement['where'] = 'here'): Measurement => ({ path, where, predicted, measured });

describe('calibration of predictions', () => {
  it('leaves a prediction alone where nothing was measured', () => {
    assert.deepEqual(calibrated({ here: 10, pod: null }, null, []), { here: 10, pod: null, measured: false });
  });

  it('corrects other models by the median of what was measured', () => {
    const rows = [measurement('a', 15, 12), measurement('b', 100, 70), measurement('c', 20, 18)];
    assert.deepEqual(calibrated({ here: 50, pod: 50 }, null, rows), { here: 40, pod: 50, measured: false });
  });

  it('leaves models alone that are much faster or slower than those that were measured', () => {
    const rows = [measurement('a', 500, 350), measurement('b', 20, 22)];
    assert.equal(calibrated({ here: 120, pod: null }, null, rows).here, 120);
    assert.equal(calibrated({ here: 126, pod: null }, null, rows).here, 126 * 0.7);
    assert.equal(calibrated({ here: 6, pod: null }, null, rows).here, 6 * 1.1);
    assert.equal(calibrated({ here: 4, pod: null }, null, rows).here, 4);
  });

  it('corrects a model by its own measurement, so that another context is still another speed', () => {
    const rows = [measurement('a', 10, 8), measurement('b', 100, 50)];
    assert.deepEqual(calibrated({ here: 80, pod: null }, 'b', rows), { here: 40, pod: null, measured: true });
  });

  it('keeps what was measured on the pod apart from what was measured here', () => {
    assert.deepEqual(calibrated({ here: 10, pod: 10 }, 'a', [measurement('a', 10, 5, 'pod')]), { here: 10, pod: 5, measured: false });
  });

  it('does not believe a factor of more than four, nor a prediction of nothing', () => {
    assert.equal(calibrated({ here: 4, pod: null }, null, [measurement('a', 1, 1_000)]).here, 16);
    assert.equal(calibrated({ here: 10, pod: null }, null, [measurement('a', 0, 5)]).here, 10);
    assert.equal(calibrated({ here: 10, pod: null }, null, [measurement('a', 5, 0)]).here, 10);
  });
});
