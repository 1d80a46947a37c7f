import * as v from 'valibot';
import type { Address } from './podTypes.js';

/** The port on which a machine is shared unless its settings say otherwise. */
export const defaultPodPort = 47_613;

const nameOrIpv4 = /^[\w.-]+$/;
const ipv6 = v.pipe(v.string(), v.ipv6());

/** A zone (`%en0`) belongs to a link-local IPv6 address. */
const isHost = (text: string): boolean => (text.includes(':') ? v.is(ipv6, text.replace(/%[\w.-]+$/, '')) : nameOrIpv4.test(text));

/** Reads `host`, `host:port`, `[IPv6]:port` or a bare IPv6 address; `null` when it is none of them. */
export function parseAddress(text: string): Address | null {
  const trimmed = text.trim();
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(trimmed);
  const plain = /^([^:]+)(?::(\d{1,5}))?$/.exec(trimmed);
  const bare = (trimmed.match(/:/g) ?? []).length > 1 && !trimmed.startsWith('[') ? trimmed : undefined;
  const host = bracketed?.[1] ?? plain?.[1] ?? bare;
  const port = Number(bracketed?.[2] ?? plain?.[2] ?? defaultPodPort);
  if (host === undefined || host.length > 253 || !isHost(host) || port < 1 || port > 65_535) return null;
  return { host, port };
}

/** As `parseAddress` reads it. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
