// What the builds of this room need from the machine.
import { spawn, spawnSync } from 'node:child_process';
import os from 'node:os';

/** Whether C++ can be built here: git unpacks the sources, CMake and a compiler build them. */
export function hasToolchain() {
  return ['git', 'cmake', 'c++'].every((tool) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** Compile jobs at once: one core stays free for whoever works on the machine. */
export const compileJobs = Number(process.env.SEEKPOD_BUILD_JOBS) || Math.max(1, os.availableParallelism() - 1);

/** Runs a tool quietly; its output is in the error when it fails. */
export function run(tool, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${tool} ${args.join(' ')} ended with code ${code}:\n${Buffer.concat(output).toString('utf8').slice(-8_000)}`));
    });
  });
}
