import assert from 'node:assert/strict';
import { ownDevices } from '../../../src/engine/pod/ownDevices.js';
import type { Device } from '../../../src/engine/protocol/podTypes.js';

const gigabyte = 1_024 ** 3;
const device = (name: string, kind: Device['kind'], freeBytes: number): Device => ({ name, kind, description: '', memoryBytes: 64 * gigabyte, freeBytes, bandwidth: 5, layerOverhead: 0.1 });

describe('what this machine could hold itself', () => {
  it('the processor leaves a tenth of what is free to others', () => {
    const [processor] = ownDevices([device('CPU', 'cpu', 1)], 10 * gigabyte, true);
    assert.deepEqual(processor, { id: 'here', device: 'cpu', usableBytes: 9 * gigabyte, bandwidth: 5, layerOverhead: 0.1, link: null });
  });

  it('but not more than two gigabytes', () => {
    assert.equal(ownDevices([device('CPU', 'cpu', 1)], 512 * gigabyte, true)[0]?.usableBytes, 510 * gigabyte);
  });

  it('of several GPUs the one with the most free memory counts, less a little for the screen', () => {
    const devices = ownDevices([device('CUDA0', 'gpu', 8 * gigabyte), device('CUDA1', 'gpu', 20 * gigabyte), device('CPU', 'cpu', 1)], 10 * gigabyte, true);
    assert.deepEqual(devices.map(({ device: kind, usableBytes }) => [kind, usableBytes]), [['cpu', 9 * gigabyte], ['gpu', 19 * gigabyte]]);
  });

  it('memory that processor and GPU share counts once, as the GPU’s', () => {
    const devices = [{ ...device('MTL0', 'gpu', 20 * gigabyte), unified: true }, device('CPU', 'cpu', 1)];
    assert.deepEqual(ownDevices(devices, 10 * gigabyte, true).map(({ device: kind, usableBytes }) => [kind, usableBytes]), [['gpu', 19 * gigabyte]]);
  });

  it('a GPU that the user does not want used counts for nothing, also where memory is shared', () => {
    for (const unified of [true, false]) {
      const devices = [{ ...device('MTL0', 'gpu', 20 * gigabyte), unified }, device('CPU', 'cpu', 1)];
      assert.deepEqual(ownDevices(devices, 10 * gigabyte, false).map(({ device: kind }) => kind), ['cpu']);
    }
  });

  it('without a look at the devices there is nothing', () => {
    assert.deepEqual(ownDevices([], 10 * gigabyte, true), []);
  });
});
