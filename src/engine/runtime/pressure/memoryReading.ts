import type { MemoryPressure } from '../../protocol/modelTypes.js';

/** How this machine is doing for memory at one moment. */
export interface MemoryReading {
  readonly totalBytes: number;
  /** What programs can have without anything being swapped out; what the system would give back at once counts as available. */
  readonly availableBytes: number;
  /** Share of the last ten seconds, from 0 to 1, in which some or all programs stood still for want of memory; `null` where the system does not say. */
  readonly stalls: { readonly some: number; readonly full: number } | null;
  /** The system's own word for it; `null` where it has none. */
  readonly system: MemoryPressure | null;
}
