import fs from 'node:fs';
import path from 'node:path';
import type { TestMachine } from './machines.js';

/** What differs on a machine from the one that the tests run on. */
export interface Hardware {
  /** Bytes of main memory that are free, as the kernel says it to the processes of the machine. */
  readonly freeMemory?: number;
  /** Numbers of the cores that it has, as `taskset` takes them; those of the machine that the tests run on without. */
  readonly cores?: string;
  /** Texts that stand in for files, by their absolute paths. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The words before a command with which it finds that hardware. They are for `ip netns exec`, which gives its command mounts of its own. */
export function withHardware(machine: TestMachine, { freeMemory, cores, files = {} }: Hardware): string[] {
  const stands = Object.entries(files).map(([file, text], index) => ({ file, text, stand: path.join(machine.home, `file${index}`) }));
  if (freeMemory !== undefined) stands.push({ file: '/proc/meminfo', text: memoryFacts(freeMemory), stand: memoryFile(machine) });
  const onCores = cores === undefined ? [] : ['taskset', '--cpu-list', cores];
  if (stands.length === 0) return onCores;
  const mounts = stands.map(({ file, text, stand }) => {
    fs.writeFileSync(stand, text);
    return `mount --bind ${stand} ${file}`;
  });
  return ['sh', '-c', [...mounts, 'exec "$@"'].join(' && '), 'sh', ...onCores];
}

/** Changes the free memory of a machine that has an amount of its own; its processes see it at once. */
export function setFreeMemory(machine: TestMachine, bytes: number): void {
  fs.writeFileSync(memoryFile(machine), memoryFacts(bytes));
}

function memoryFile({ home }: TestMachine): string {
  return path.join(home, 'meminfo');
}

/** What `/proc/meminfo` says on a machine with so much free memory: a third of what it has, so that it is small and not short of memory. */
function memoryFacts(freeBytes: number): string {
  const free = Math.round(freeBytes / 1_024);
  return `MemTotal: ${3 * free} kB\nMemFree: ${free} kB\nMemAvailable: ${free} kB\nBuffers: 0 kB\nCached: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n`;
}
