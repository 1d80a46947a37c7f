import type { PodPlan } from './placement.js';
import { here } from './rangeCost.js';

/**
 * The devices of a plan's layers as llama.cpp names them when it loads, the output layer last: `CPU`, `RPC0`, … in the order of
 * registration; a GPU here is `GPU`, since its name depends on the backend.
 */
export function splitOf(plan: PodPlan): string {
  const devices: string[] = [];
  let remotes = 0;
  for (const { id, device, first, last, output } of plan.parts) {
    const name = id === here ? (device === 'cpu' ? 'CPU' : 'GPU') : `RPC${remotes++}`;
    for (let layer = first; layer <= last; layer++) devices.push(name);
    if (output) devices.push(name);
  }
  return devices.join(' ');
}

/** The devices of the layers as llama.cpp said them, a GPU here under the name that `splitOf` has for it: `MTL0`, `CUDA1`, … are all the one. */
export function loadedSplit(layerDevices: readonly string[]): string {
  return layerDevices.map((name) => (name === 'CPU' || /^RPC\d+$/.test(name) ? name : 'GPU')).join(' ');
}
