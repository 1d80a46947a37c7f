// Names of the network namespaces that tests make: `seekpod-OWNER-NUMBER-MACHINE`, where OWNER is the process that made them.
// A test process that was killed cannot tidy up, so whoever comes next does it.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

const folder = '/run/netns';
let made = 0;

/** Why this machine cannot imitate several; `null` when it can. */
export function whyNoNamespaces() {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  try {
    execFileSync('ip', ['-V'], { stdio: 'ignore' });
    execFileSync('ss', ['-V'], { stdio: 'ignore' });
  } catch {
    return 'it needs iproute2 (ip, ss)';
  }
  return null;
}

/** The start of the names of one network of this process. */
export function newPrefix() {
  return `seekpod-${process.pid}-${++made}`;
}

/** @param {(owner: number) => boolean} belongs @returns {string[]} */
function namespaces(belongs) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => {
    const owner = /^seekpod-(\d+)-\d+-/.exec(name)?.[1];
    return owner !== undefined && belongs(Number(owner));
  });
}

/** Namespaces that this process made and that are still there. */
export function ownNamespaces() {
  return namespaces((owner) => owner === process.pid);
}

/** Processes in a namespace. @param {string} name @returns {number[]} */
export function processesIn(name) {
  try {
    return execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Deletes a namespace with the processes in it; its interfaces go with it. @param {string} name */
export function removeNamespace(name) {
  for (const pid of processesIn(name)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in between.
    }
  }
  try {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  } catch {
    // Another process swept it in between.
  }
}

/** Deletes what processes that are gone have left. */
export function sweepNamespaces() {
  for (const name of namespaces((owner) => !fs.existsSync(`/proc/${owner}`))) removeNamespace(name);
}
