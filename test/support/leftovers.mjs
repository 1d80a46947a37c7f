// Finds processes that a suite started and that are still there, whoever their parent is now.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const endLimitMs = 20_000;

/**
 * A folder for the sockets of one suite. Its path, inherited in the environment, marks every process of the suite.
 * It is short, as a socket's path must be.
 */
export function createRuntimeDirectory() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'sp-'));
}

/** Processes of the runtime directory or of one below it, as machines of a pod have. @param {string} runtimeDirectory @returns {{ pid: number, command: string }[]} */
export function processesOf(runtimeDirectory) {
  const mark = `SEEKPOD_RUNTIME_DIR=${runtimeDirectory}`;
  if (process.platform === 'linux') {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((name) => {
      try {
        // A process that has ended but is not yet collected has no environment.
        if (!fs.readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').some((entry) => entry === mark || entry.startsWith(`${mark}/`))) return [];
        return [{ pid: Number(name), command: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
      } catch {
        return [];
      }
    });
  }
  if (process.platform === 'win32') return [];
  return execFileSync('ps', ['-E', '-axww', '-o', 'pid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 })
    .split('\n')
    .filter((line) => line.includes(mark) && Number.parseInt(line, 10) !== process.pid)
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim() }));
}

/**
 * Waits until the suite's processes have ended by themselves and removes the folder; those that stay are ended and named.
 * @param {string} runtimeDirectory
 * @returns {Promise<string[]>} command lines of the processes that stayed
 */
export async function collectLeftovers(runtimeDirectory) {
  const deadline = Date.now() + endLimitMs;
  while (processesOf(runtimeDirectory).length > 0 && Date.now() < deadline) await sleep(200);
  const left = processesOf(runtimeDirectory);
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in between.
    }
  }
  fs.rmSync(runtimeDirectory, { recursive: true, force: true });
  return left.map(({ command }) => command);
}
