import fs from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '../../base/errors.js';
import type { MemoryReading } from './memoryReading.js';

/** Reads `/proc`, and the limits of the control group that this process is in. Rejects where there is no `/proc`. */
export async function readLinuxMemory(): Promise<MemoryReading> {
  const [meminfo, pressure, group] = await Promise.all([fs.readFile('/proc/meminfo', 'utf8'), optional('/proc/pressure/memory'), groupMemory()]);
  const { totalBytes, availableBytes } = parseMeminfo(meminfo);
  return {
    totalBytes: Math.min(totalBytes, group?.totalBytes ?? Infinity),
    availableBytes: Math.min(availableBytes, group?.availableBytes ?? Infinity),
    stalls: pressure === null ? null : parseStalls(pressure),
    system: null,
  };
}

/** `/proc/meminfo`: https://docs.kernel.org/filesystems/proc.html#meminfo @throws Error when the lines are missing */
export function parseMeminfo(text: string): Pick<MemoryReading, 'totalBytes' | 'availableBytes'> {
  return { totalBytes: kibibytes(text, 'MemTotal') * 1_024, availableBytes: kibibytes(text, 'MemAvailable') * 1_024 };
}

/** `/proc/pressure/memory`: https://docs.kernel.org/accounting/psi.html. `null` when it is not as described there. */
export function parseStalls(text: string): MemoryReading['stalls'] {
  const share = (who: string): number => Number(new RegExp(`^${who} avg10=([\\d.]+)`, 'm').exec(text)?.[1] ?? Number.NaN) / 100;
  const stalls = { some: share('some'), full: share('full') };
  return Number.isFinite(stalls.some) && Number.isFinite(stalls.full) ? stalls : null;
}

/**
 * What a control group (version 2) leaves: its limit without what is used, where cached files do not count for they can go.
 * `null` without a limit. https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
export function parseGroupMemory(max: string, current: string, stat: string): Pick<MemoryReading, 'totalBytes' | 'availableBytes'> | null {
  const limit = Number.parseInt(max, 10);
  const used = Number.parseInt(current, 10);
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return null;
  const files = ['active_file', 'inactive_file'].map((name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0));
  return { totalBytes: limit, availableBytes: Math.max(0, Math.min(limit, limit - used + files.reduce((sum, bytes) => sum + bytes, 0))) };
}

async function groupMemory(): Promise<Pick<MemoryReading, 'totalBytes' | 'availableBytes'> | null> {
  const own = /^0::(\/.*)$/m.exec((await optional('/proc/self/cgroup')) ?? '')?.[1];
  if (own === undefined) return null;
  const read = (file: string): Promise<string | null> => optional(path.join('/sys/fs/cgroup', own, file));
  const [max, current, stat] = await Promise.all([read('memory.max'), read('memory.current'), read('memory.stat')]);
  return max === null || current === null || stat === null ? null : parseGroupMemory(max, current, stat);
}

function kibibytes(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`/proc/meminfo has no ${name}`);
  return Number(found);
}

/** A kernel may be built without it, or have it switched off. */
async function optional(file: string): Promise<string | null> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'EOPNOTSUPP', 'EACCES', 'EPERM')) return null;
    throw error;
  }
}
