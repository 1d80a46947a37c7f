import os from 'node:os';
import { readLinuxMemory } from './linuxMemory.js';
import { readMacMemory } from './macMemory.js';
import type { MemoryReading } from './memoryReading.js';

/** How this machine is doing for memory, by what its system tells. Rejects when it does not tell. */
export function readMemory(): Promise<MemoryReading> {
  switch (process.platform) {
    case 'linux':
      return readLinuxMemory();
    case 'darwin':
      return readMacMemory();
    default:
      return Promise.resolve({ totalBytes: os.totalmem(), availableBytes: os.freemem(), stalls: null, system: null });
  }
}
