import type { ProbeResult } from '../protocol/layerServerMessages.js';
import type { Device } from '../protocol/podTypes.js';
import type { GgmlDevice } from '../ggml/devices.js';
import type { LocalDevices } from './localDevices.js';

/** The devices of this machine; with `measure` how fast they decode. */
export async function probe(local: LocalDevices, measure: boolean): Promise<ProbeResult> {
  const devices = local.devices.map((device) => describe(device, { bandwidth: 0, layerOverhead: 0 }));
  void measure;
  return { build: local.build, devices };
}

function describe(device: GgmlDevice, speed: Pick<Device, 'bandwidth' | 'layerOverhead'>): Device {
  return {
    name: device.name,
    kind: device.kind === 'cpu' ? 'cpu' : 'gpu',
    description: device.description,
    memoryBytes: device.totalBytes,
    freeBytes: device.freeBytes,
    ...speed,
  };
}
