import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';
import { raceAbort } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import { hasErrorCode } from '../../../base/errors.js';
import { peerProtocols } from '../../../protocol/peerMessages.js';
import type { Address } from '../../../protocol/podTypes.js';
import type { Attempt, Reach } from '../../core/doctor/diagnosis.js';
import { neighbourState } from './neighbourState.js';
import { type NetworkInterface, networkInterfaces } from '../discovery/networkInterfaces.js';

/** Longer than Linux takes to find out that a neighbour it knew has gone: 5 s of hope, then three questions a second apart. */
const limitMs = 9_000;

/** Tries an address and tells how it went, and which way connections to it go. Nothing is said to whoever answers. */
export async function reachAddress(address: Address, o: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<Attempt> {
  const { reach, error } = await connect(address, o);
  const way = await wayTo(address.host);
  const neighbour = reach === 'timedOut' || reach === 'unreachable' ? await neighbourState(address.host, reach, o.signal) : 'unknown';
  return { address, reach, error, way: way === null ? null : { name: way.name, tunnel: way.tunnel }, onLink: isOnLink(address.host), neighbour };
}

async function connect({ host, port }: Address, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<{ reach: Reach; error: string | null }> {
  const socket = net.connect({ host, port });
  let connected = false;
  const timer = clock.setTimeout(() => socket.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), limitMs);
  try {
    await raceAbort(once(socket, 'connect'), signal);
    connected = true;
    const secure = tls.connect({ socket, rejectUnauthorized: false, minVersion: 'TLSv1.3', ALPNProtocols: [peerProtocols.control] });
    try {
      await raceAbort(once(secure, 'secureConnect'), signal);
      return { reach: secure.alpnProtocol === peerProtocols.control ? 'answers' : 'notSeekpod', error: null };
    } finally {
      secure.on('error', () => undefined);
      secure.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return { reach: connected ? 'notSeekpod' : reachOf(error), error: codeOf(error) };
  } finally {
    timer.dispose();
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function reachOf(error: unknown): Reach {
  if (hasErrorCode(error, 'ECONNREFUSED')) return 'refused';
  if (hasErrorCode(error, 'ETIMEDOUT')) return 'timedOut';
  if (hasErrorCode(error, 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL')) return 'unreachable';
  if (hasErrorCode(error, 'EPERM', 'EACCES')) return 'forbidden';
  return 'failed';
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

/** The interface that the system would use for a host, from the address it would send from. No packet is sent. */
export async function wayTo(host: string): Promise<NetworkInterface | null> {
  const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    // Any port: connecting a UDP socket only looks up the route.
    socket.connect(9, host);
    await once(socket, 'connect');
    const from = withoutZone(socket.address().address);
    return networkInterfaces().find(({ addresses }) => addresses.some(({ address }) => address === from)) ?? null;
  } catch {
    return null;
  } finally {
    socket.close();
  }
}

/** Whether a host's address is of a network that an interface of this machine, other than a tunnel, is in. */
function isOnLink(host: string): boolean {
  const address = withoutZone(host);
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  if (net.isIP(address) === 0) return false;
  return networkInterfaces().some(({ tunnel, addresses }) =>
    !tunnel && addresses.some((own) => {
      if (own.family.toLowerCase() !== family || own.prefix === 0) return false;
      const network = new net.BlockList();
      network.addSubnet(own.address, own.prefix, family);
      return network.check(address, family);
    }),
  );
}

function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}
