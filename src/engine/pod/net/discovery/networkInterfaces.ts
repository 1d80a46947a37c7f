import os from 'node:os';

/** A network interface that is up, with what the pod needs of it. */
export interface NetworkInterface {
  readonly name: string;
  readonly addresses: readonly InterfaceAddress[];
  /** A VPN or another tunnel: it leads elsewhere than into the local network. */
  readonly tunnel: boolean;
}

export interface InterfaceAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** Bits of the network's part. */
  readonly prefix: number;
  /** Index of the interface for IPv6, which names the link of a link-local address. */
  readonly scopeId: number;
}

const noHardwareAddress = '00:00:00:00:00:00';
const tunnelNames = /^(utun|tun|tap|ppp|ipsec|wg|tailscale|zt|nordlynx|proton|gif|stf)/i;

/** The interfaces that are up, without loopback. */
export function networkInterfaces(): NetworkInterface[] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, entries]) => {
    const outside = (entries ?? []).filter(({ internal }) => !internal);
    if (outside.length === 0) return [];
    return [{
      name,
      addresses: outside.map((entry) => ({
        address: entry.address,
        family: entry.family,
        prefix: Number(entry.cidr?.split('/')[1] ?? 0),
        scopeId: entry.family === 'IPv6' ? entry.scopeid : 0,
      })),
      // Tunnels have no hardware address on macOS and Linux; on Windows some drivers invent one.
      tunnel: tunnelNames.test(name) || outside.every(({ mac }) => mac === noHardwareAddress),
    }];
  });
}

/** IPv6 addresses of a single link, `fe80::/10`: they mean nothing without the interface. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

/** The zone that goes behind `%` in a link-local address: the interface's name, or on Windows its number. */
export function zoneOf({ name }: NetworkInterface, { scopeId }: InterfaceAddress): string {
  return process.platform === 'win32' ? String(scopeId) : name;
}
