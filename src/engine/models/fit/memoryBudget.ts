import type { MachineMemoryFacts } from '../predictor.js';

/** What models may use here, and what is left to the system and to other programs, in bytes. */
export interface MemoryBudget {
  readonly availableBytes: number;
  readonly reserveBytes: number;
}

/** The model of the other role, which runs beside a new one. In bytes. */
export interface Beside {
  readonly path: string;
  /** Of the main memory, without what the system can drop. */
  readonly mainBytes: number;
  /** Of the GPU's, unified or not. */
  readonly gpuBytes: number;
  /** Of the user's budget for all models. */
  readonly budgetBytes: number;
  /** What it takes when it is loaded; 0 once it is. */
  readonly pendingBytes: number;
}

/** What there is already, by what would become of it when a new model came, in bytes. */
export interface LoadedNow {
  /** Main memory that is given back, since the new model takes the place of what holds it. */
  readonly replacedBytes: number;
  /** `null` where the other role has no model. */
  readonly beside: Beside | null;
}

/** What a new model has beside what is loaded, in bytes. */
export interface Room {
  /** Main memory that loaded models would give back. */
  readonly replacedBytes: number;
  /** The GPU's memory that others keep. */
  readonly gpuBytes: number;
  /** Memory that others are going to take. */
  readonly pendingBytes: number;
  /** What the user's budget leaves; `Infinity` without one. */
  readonly limitBytes: number;
}

/** Nothing is loaded, and the user has set no limit. */
export const emptyRoom: Room = { replacedBytes: 0, gpuBytes: 0, pendingBytes: 0, limitBytes: Infinity };

/** Of the main memory that other programs do not hold a tenth stays free, but not more than this: they need more at times. */
const spareShare = 0.1;
const mostSpareBytes = 2 * 1_024 ** 3;
/** Of a GPU's memory, for the screen and for what the driver needs. */
const gpuSpareShare = 0.05;

/** The memory for a model. A unified GPU can use a part of the main memory only, and a model beyond that part is not worth running. */
export function memoryBudget({ ramTotal, ramAvailable, gpu }: MachineMemoryFacts, { replacedBytes, gpuBytes, pendingBytes, limitBytes }: Room): MemoryBudget {
  const free = Math.min(ramTotal, ramAvailable + replacedBytes);
  const reserveBytes = ramTotal - free + Math.floor(Math.min(free * spareShare, mostSpareBytes));
  const ram = ramTotal - reserveBytes;
  const onGpu = gpu === null ? 0 : Math.max(0, Math.floor(gpu.total * (1 - gpuSpareShare)) - gpuBytes);
  const available = gpu === null ? ram : gpu.unified ? Math.min(ram, onGpu) : ram + onGpu;
  return { availableBytes: Math.max(0, Math.min(available - pendingBytes, limitBytes)), reserveBytes };
}

/** What the model at `path` would have; `limitBytes` is the user's budget for all models, `Infinity` without. */
export function roomFor(path: string | null, { replacedBytes, beside }: LoadedNow, limitBytes: number): Room {
  if (beside === null) return { ...emptyRoom, replacedBytes, limitBytes };
  // Two roles with one file share its weights: what is loaded already is not needed again.
  if (beside.path === path) return { ...emptyRoom, replacedBytes: replacedBytes + beside.mainBytes, limitBytes };
  return { replacedBytes, gpuBytes: beside.gpuBytes, pendingBytes: beside.pendingBytes, limitBytes: limitBytes - beside.budgetBytes };
}
