import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import { promisify } from 'node:util';
import type { Attempt } from '../core/diagnosis.js';

const execute = promisify(execFile);

/**
 * Whether an IPv4 host has answered on the link. Firewalls do not suppress that, and macOS's privacy rules do not hold
 * for its own programs, so it tells a machine that is off from one that is kept away.
 */
export async function neighbourState(host: string, signal: AbortSignal): Promise<Attempt['neighbour']> {
  if (!net.isIPv4(host)) return 'unknown';
  switch (process.platform) {
    case 'linux':
      return inLinuxTable(host);
    case 'darwin':
      return inMacTable(host, signal);
    default:
      return 'unknown';
  }
}

/** `/proc/net/arp`: address, type, flags, hardware address, mask, device. Flag 2 is set when the host has answered. */
async function inLinuxTable(host: string): Promise<Attempt['neighbour']> {
  try {
    const rows = (await fs.readFile('/proc/net/arp', 'utf8')).split('\n').map((line) => line.split(/\s+/));
    const row = rows.find(([address]) => address === host);
    return row !== undefined && (Number(row[2]) & 2) !== 0 ? 'present' : 'absent';
  } catch {
    return 'unknown';
  }
}

async function inMacTable(host: string, signal: AbortSignal): Promise<Attempt['neighbour']> {
  try {
    // Makes the system ask for the neighbour; whether a ping comes back does not matter.
    await execute('/sbin/ping', ['-c', '1', '-t', '1', host], { signal }).catch(() => undefined);
    const { stdout } = await execute('/usr/sbin/arp', ['-n', host], { signal });
    return / at [0-9a-f]{1,2}(:[0-9a-f]{1,2}){5} /i.test(stdout) ? 'present' : 'absent';
  } catch {
    // `arp` fails for a host that it does not know.
    return 'absent';
  }
}
