import type { GgmlDevice } from '../ggml/devices.js';
import type { ProbeResult } from '../protocol/layerServerMessages.js';
import type { Device } from '../protocol/podTypes.js';
import type { DeviceSpeed } from './layerSpeed.js';
import { threadsFor, type LocalDevices } from './localDevices.js';
import { measureDevice } from './measureDevice.js';

const unknownSpeed: DeviceSpeed = { bandwidth: 0, layerOverhead: 0 };

/** The devices of this machine; with `measure` how fast they decode, one after the other. */
export async function probe(local: LocalDevices, measure: boolean): Promise<ProbeResult> {
  const devices: Device[] = [];
  for (const device of local.devices) {
    const speed = measure ? await measureDevice(local.graphs, device.handle, device.freeBytes, (backend) => local.extras.setThreads(device.handle, backend, threadsFor(local, device))) : null;
    devices.push(describe(device, speed ?? unknownSpeed));
  }
  return { build: local.build, devices };
}

/** ggml takes the GPU of an Apple chip for one with a memory of its own. */
function hasMainMemory({ kind }: GgmlDevice): boolean {
  return kind === 'integratedGpu' || (kind === 'gpu' && process.platform === 'darwin' && process.arch === 'arm64');
}

function describe(device: GgmlDevice, speed: DeviceSpeed): Device {
  return {
    name: device.name,
    kind: device.kind === 'cpu' ? 'cpu' : 'gpu',
    ...(hasMainMemory(device) ? { unified: true } : {}),
    description: device.description,
    memoryBytes: device.totalBytes,
    freeBytes: device.freeBytes,
    ...speed,
  };
}
