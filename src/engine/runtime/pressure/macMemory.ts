import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import type { MemoryPressure } from '../../protocol/modelTypes.js';
import type { MemoryReading } from './memoryReading.js';

const run = promisify(execFile);
const limits = { timeout: 2_000, maxBuffer: 65_536 };

/** Asks macOS by its own programs. Rejects where there are none. */
export async function readMacMemory(): Promise<MemoryReading> {
  const [level, pages] = await Promise.all([run('/usr/sbin/sysctl', ['-n', 'kern.memorystatus_vm_pressure_level'], limits), run('/usr/bin/vm_stat', [], limits)]);
  return { totalBytes: os.totalmem(), availableBytes: parseVmStat(pages.stdout), stalls: null, system: parseLevel(level.stdout) };
}

/** The kernel's level, as the flags of a dispatch source for memory pressure: 1 is normal, 2 a warning, 4 critical. `null` for anything else. */
export function parseLevel(text: string): MemoryPressure | null {
  switch (text.trim()) {
    case '1':
      return 'normal';
    case '2':
      return 'tight';
    case '4':
      return 'critical';
    default:
      return null;
  }
}

/** Bytes that `vm_stat` says are free or have not been used for a while. @throws Error when it says nothing of the kind */
export function parseVmStat(text: string): number {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? Number.NaN);
  const pages = ['Pages free', 'Pages inactive', 'Pages speculative'].map((name) => Number(new RegExp(`^${name}:\\s+(\\d+)\\.`, 'm').exec(text)?.[1] ?? 0));
  const bytes = pages.reduce((sum, count) => sum + count, 0) * pageBytes;
  if (!Number.isFinite(bytes)) throw new Error('vm_stat does not say how large a page is');
  return bytes;
}
