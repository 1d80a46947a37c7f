import os from 'node:os';
import { EngineError } from '../base/errors.js';
import { findBinaries, findLibraries, findRpcLibrary } from '../ggml/binaries.js';
import { readBuild } from '../ggml/build.js';
import { chooseThreads } from '../ggml/chooseThreads.js';
import { type GgmlDevice, openRegistry } from '../ggml/devices.js';
import { type Extras, openExtras } from '../ggml/features.js';
import { type Graphs, openGraphs } from '../ggml/graph.js';
import { mathCores } from '../ggml/mathCores.js';
import { loadKoffi } from '../ggml/native.js';
import { openRpc, type Rpc } from '../ggml/rpc.js';
import type { Build } from '../protocol/podTypes.js';

/** The libraries of this machine with the devices that they can use. */
export interface LocalDevices {
  readonly build: Build;
  readonly graphs: Graphs;
  readonly extras: Extras;
  readonly rpc: Rpc;
  /** GPUs first, the processor last. */
  readonly devices: readonly GgmlDevice[];
}

const lendable = ['gpu', 'integratedGpu', 'cpu'] as const;

/** Tries the libraries for GPUs first and takes those that find one, else those for the processor. Fails with `remoteLayersUnavailable`. */
export async function findLocalDevices(packages: string): Promise<LocalDevices> {
  const koffi = await loadKoffi();
  const found = findBinaries(packages);
  for (const binaries of found) {
    const libraries = findLibraries(binaries.folder);
    const registry = openRegistry(koffi, libraries);
    registry.loadModules(binaries.folder);
    const devices = lendable.flatMap((kind) => registry.devices().filter((device) => device.kind === kind));
    const best = devices[0]?.kind;
    if (best === undefined || (best === 'cpu' && binaries !== found.at(-1))) continue;
    const library = findRpcLibrary(binaries.folder);
    return {
      build: readBuild(library),
      graphs: openGraphs(koffi, libraries),
      extras: openExtras(koffi, libraries),
      rpc: openRpc(koffi, library),
      devices: devices.map(withSystemMemory),
    };
  }
  throw new EngineError({ code: 'remoteLayersUnavailable', reason: `no libraries in ${packages} can be used here` });
}

/** Threads for a device: the same as a worker would take for a model of some size. */
export function threadsFor({ extras }: LocalDevices, device: GgmlDevice): number {
  const keepsThreads = extras.features(device.handle).get('KEPT_THREADS') === '1';
  return chooseThreads({ requested: 0, cores: mathCores(), keepsThreads, processorBytes: Infinity });
}

/** ggml says of the processor that all memory is free; a container may have less than the machine. */
function withSystemMemory(device: GgmlDevice): GgmlDevice {
  if (device.kind !== 'cpu') return device;
  return { ...device, totalBytes: Math.min(os.totalmem(), process.constrainedMemory() || Infinity), freeBytes: process.availableMemory() };
}
