import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/**
 * Cores that are useful for calculating, as llama.cpp counts them (`common_cpu_get_num_physical_cores`): two threads of one core share
 * its arithmetic, and the economical cores of Apple silicon would hold up the others.
 */
export function mathCores(): number {
  return Math.max(1, Math.min(physicalCores() ?? Math.ceil(os.availableParallelism() / 2), os.availableParallelism()));
}

function physicalCores(): number | null {
  try {
    if (process.platform === 'darwin') return Number(execFileSync('sysctl', ['-n', 'hw.perflevel0.physicalcpu'], { encoding: 'utf8' })) || null;
    if (process.platform !== 'linux') return null;
    const folder = '/sys/devices/system/cpu';
    const cpus = fs.readdirSync(folder).filter((name) => /^cpu\d+$/.test(name));
    return new Set(cpus.map((name) => fs.readFileSync(`${folder}/${name}/topology/thread_siblings`, 'utf8'))).size || null;
  } catch {
    return null;
  }
}
