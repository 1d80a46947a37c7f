export interface ThreadFacts {
  /** What the user asked for; 0 leaves the choice to us. */
  readonly requested: number;
  /** Processor cores that are useful for calculating. */
  readonly cores: number;
  /** Whether the CPU module keeps its threads between decode steps or starts them anew for each: docs/adr/0002-cpu-module.md. */
  readonly keepsThreads: boolean;
  /** Weights in the memory of the processor: not those on a GPU or on other machines. */
  readonly processorBytes: number;
}

/** Below this many bytes of weights one decode step takes about a millisecond: threads spend it on waiting for one another. */
const smallModelBytes = 64 * 1_024 * 1_024;
/** Decoding reads all weights once per token: a few cores fill the memory bus, and more only wait for one another. */
const mostUseful = 8;

/**
 * Threads for one context on the CPU. All threads wait for the slowest at every operation, so one that shares its core
 * with the editor or a language server slows down all: a core stays free. Modules that start their threads anew also
 * wait without giving their cores away, so they get half of the cores.
 */
export function chooseThreads({ requested, cores, keepsThreads, processorBytes }: ThreadFacts): number {
  if (requested > 0) return requested;
  if (processorBytes < smallModelBytes) return 1;
  const share = keepsThreads ? cores - 1 : Math.floor(cores / 2);
  return Math.min(Math.max(share, 1), mostUseful);
}
