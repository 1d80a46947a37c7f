import { neededBytes } from '../../protocol/modelTypes.js';
import type { MemoryEstimate } from './memoryEstimate.js';

/** The machine's memory in bytes. */
export interface MachineMemory {
  readonly ramTotal: number;
  /** What programs can take now, caches that can be dropped included. */
  readonly ramAvailable: number;
  /** 0 without a GPU. */
  readonly vramAvailable: number;
  /** The GPU uses the main memory, as on Apple silicon. */
  readonly unified: boolean;
}

export interface MemoryLimits {
  /** Weights that are mapped from the file and used as they are there: the system can drop these pages and read them again. */
  readonly mappedBytes: number;
  /** The user's own limit; `Infinity` without. */
  readonly budgetBytes: number;
}

export interface MemoryVerdict {
  readonly fits: boolean;
  readonly requiredBytes: number;
  readonly availableBytes: number;
}

/**
 * Whether a model can run at all: what is mapped may use all of the main memory, what is not must fit into what is available now,
 * and nothing may exceed the budget.
 */
export function judgeMemory(estimate: MemoryEstimate, machine: MachineMemory, { mappedBytes, budgetBytes }: MemoryLimits): MemoryVerdict {
  const withGpu = (ram: number): number => (machine.unified ? Math.max(ram, machine.vramAvailable) : ram + machine.vramAvailable);
  const requiredBytes = neededBytes(estimate);
  const own = { requiredBytes: requiredBytes - mappedBytes, availableBytes: withGpu(machine.ramAvailable) };
  if (own.requiredBytes > own.availableBytes) return { fits: false, ...own };
  const availableBytes = Math.min(budgetBytes, mappedBytes > 0 ? withGpu(machine.ramTotal) : own.availableBytes);
  return { fits: requiredBytes <= availableBytes, requiredBytes, availableBytes };
}
