import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import { promisify } from 'node:util';
import type { Attempt } from '../../core/doctor/diagnosis.js';

const execute = promisify(execFile);

/**
 * Whether an IPv4 host has answered on the link. Firewalls do not suppress that, and macOS's privacy rules do not hold
 * for its own programs, so it tells a machine that is off from one that is kept away.
 */
export async function neighbourState(host: string, reach: 'timedOut' | 'unreachable', signal: AbortSignal): Promise<Attempt['neighbour']> {
  if (!net.isIPv4(host)) return 'unknown';
  switch (process.platform) {
    case 'linux':
      return inLinuxTable(host);
    case 'darwin':
      return onMac(host, reach, signal);
    default:
      return 'unknown';
  }
}

/**
 * `/proc/net/arp`: address, type, flags, hardware address, mask, device. Flag 2 is set when the host has answered, and
 * stays so for up to 45 seconds after it has gone.
 */
async function inLinuxTable(host: string): Promise<Attempt['neighbour']> {
  try {
    const rows = (await fs.readFile('/proc/net/arp', 'utf8')).split('\n').map((line) => line.split(/\s+/));
    const row = rows.find(([address]) => address === host);
    return row !== undefined && (Number(row[2]) & 2) !== 0 ? 'present' : 'absent';
  } catch {
    return 'unknown';
  }
}

async function onMac(host: string, reach: 'timedOut' | 'unreachable', signal: AbortSignal): Promise<Attempt['neighbour']> {
  // Makes the system ask for the neighbour anew.
  if (await succeeds('/sbin/ping', ['-c', '1', '-t', '1', host], signal)) return 'present';
  const known = await succeeds('/bin/sh', ['-c', '/usr/sbin/arp -n "$0" | /usr/bin/grep -q ":.*:"', host], signal);
  if (!known) return 'absent';
  // The table keeps a host that is off for 20 minutes; a connection to that one times out and is not "unreachable".
  return reach === 'unreachable' ? 'present' : 'unknown';
}

async function succeeds(command: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await execute(command, [...args], { signal });
    return true;
  } catch {
    return false;
  }
}
