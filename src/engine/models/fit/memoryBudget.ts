import type { MachineMemoryFacts } from '../predictor.js';

/** What models may use here, and what is left to the system and to other programs, in bytes. */
export interface MemoryBudget {
  readonly availableBytes: number;
  readonly reserveBytes: number;
}

/** Of the main memory that other programs do not hold a tenth stays free, but not more than this: they need more at times. */
const spareShare = 0.1;
const mostSpareBytes = 2 * 1_024 ** 3;
/** Of a GPU's memory, for the screen and for what the driver needs. */
const gpuSpareShare = 0.05;

/**
 * The memory for models. `ownBytes` is what loaded models hold now, which a new one would replace; `limitBytes` is the user's own
 * budget, 0 for none. A unified GPU can use a part of the main memory only, and a model beyond that part is not worth running.
 */
export function memoryBudget({ ramTotal, ramAvailable, gpu }: MachineMemoryFacts, ownBytes: number, limitBytes: number): MemoryBudget {
  const free = Math.min(ramTotal, ramAvailable + ownBytes);
  const reserveBytes = ramTotal - free + Math.floor(Math.min(free * spareShare, mostSpareBytes));
  const ram = ramTotal - reserveBytes;
  const onGpu = gpu === null ? 0 : Math.floor(gpu.total * (1 - gpuSpareShare));
  const available = gpu === null ? ram : gpu.unified ? Math.min(ram, onGpu) : ram + onGpu;
  return { availableBytes: limitBytes > 0 ? Math.min(available, limitBytes) : available, reserveBytes };
}
