import net from 'node:net';
import * as v from 'valibot';
import { type Address, fingerprintSchema, machineNameSchema } from '../../../protocol/podTypes.js';
import type { Sighting } from '../../core/discovery/sightingTable.js';
import { isLinkLocal } from './networkInterfaces.js';

// How a machine is described in DNS records (DNS-SD, RFC 6763): an instance of the service `_seekpod._tcp` with the
// TXT entries `id` (fingerprint), `n` (name) and `v` (version of the protocol).

export const serviceType = 'seekpod';
export const serviceDomain = `_${serviceType}._tcp.local`;

/** Bytes of a name in a TXT entry, which has at most 255 together with its key. */
const maxNameBytes = 200;
const maxInstances = 16;

/** The label of a machine's instance: a DNS label holds 63 bytes, half of a fingerprint has 32. */
export function instanceOf(fingerprint: string): string {
  return fingerprint.slice(0, 32);
}

/** The name of a machine's address records: its own, as host names are not unique. */
export function hostOf(fingerprint: string): string {
  return `seekpod-${fingerprint.slice(0, 16)}.local`;
}

/** A name without what could disturb a terminal or a list, and short enough for a TXT entry. */
export function announcedName(name: string): string {
  let short = name.replaceAll(/\p{C}/gu, '').trim();
  while (Buffer.byteLength(short) > maxNameBytes) short = [...short].slice(0, -1).join('');
  return short;
}

const txtSchema = v.object({
  id: fingerprintSchema,
  n: v.pipe(v.string(), v.transform(announcedName), machineNameSchema),
  v: v.pipe(v.string(), v.regex(/^\d{1,6}$/), v.transform(Number)),
});
const srvSchema = v.object({ target: v.pipe(v.string(), v.maxLength(253)), port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)) });
const txtDataSchema = v.pipe(v.array(v.instance(Uint8Array)), v.maxLength(32));

/** A decoded record. What `data` is depends on the type, and on whoever sent it. */
export interface DnsRecord {
  readonly type: string;
  readonly name: string;
  readonly ttl?: number | undefined;
  readonly data?: unknown;
}

export interface Heard {
  readonly sightings: readonly Sighting[];
  /** Instances that said goodbye. */
  readonly goodbyes: readonly string[];
}

/** The machines of a response; what is not complete and valid is passed over. `source` is where the packet came from. */
export function machinesIn(records: readonly DnsRecord[], source: string): Heard {
  const sightings: Sighting[] = [];
  const goodbyes: string[] = [];
  const pointers = records.filter((record) => record.type === 'PTR' && equalNames(record.name, serviceDomain)).slice(0, maxInstances);
  for (const pointer of pointers) {
    if (typeof pointer.data !== 'string') continue;
    const instance = pointer.data.split('.')[0]?.toLowerCase() ?? '';
    if (!/^[0-9a-f]{32}$/.test(instance)) continue;
    if (pointer.ttl === 0) {
      goodbyes.push(instance);
      continue;
    }
    const sighting = sightingOf(pointer.data, records, source);
    if (sighting !== null && instanceOf(sighting.fingerprint) === instance) sightings.push(sighting);
  }
  return { sightings, goodbyes };
}

function sightingOf(instance: string, records: readonly DnsRecord[], source: string): Sighting | null {
  const service = v.safeParse(srvSchema, records.find((record) => record.type === 'SRV' && equalNames(record.name, instance))?.data);
  const text = v.safeParse(txtDataSchema, records.find((record) => record.type === 'TXT' && equalNames(record.name, instance))?.data);
  if (!service.success || !text.success) return null;
  const facts = v.safeParse(txtSchema, Object.fromEntries(text.output.map(entryOf)));
  if (!facts.success) return null;
  const { target, port } = service.output;
  const hosts = records.flatMap((record) => ((record.type === 'A' || record.type === 'AAAA') && equalNames(record.name, target) && typeof record.data === 'string' ? [record.data] : []));
  const addresses: Address[] = [...new Set(hosts.flatMap((host) => reachable(host, source)))].map((host) => ({ host, port }));
  return { fingerprint: facts.output.id, name: facts.output.n, protocolVersion: facts.output.v, addresses };
}

function entryOf(entry: Uint8Array): [string, string] {
  const text = Buffer.from(entry).toString('utf8');
  const end = text.indexOf('=');
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}

/** Addresses that no other machine can have: an announcement must not make this machine talk to itself or to a group. */
const nobody4 = new net.BlockList();
nobody4.addSubnet('0.0.0.0', 8, 'ipv4');
nobody4.addSubnet('127.0.0.0', 8, 'ipv4');
nobody4.addSubnet('224.0.0.0', 3, 'ipv4');
// A list of its own: Node takes every IPv4 address for one of `::ffff:0:0/96`.
const nobody6 = new net.BlockList();
nobody6.addSubnet('::', 96, 'ipv6');
nobody6.addSubnet('::ffff:0:0', 96, 'ipv6');
nobody6.addSubnet('ff00::', 8, 'ipv6');

/** The address as it can be connected to, or none. A link-local one has its link from the packet that came from it. */
function reachable(host: string, source: string): string[] {
  switch (net.isIP(host)) {
    case 4:
      return nobody4.check(host, 'ipv4') ? [] : [host];
    case 6:
      if (isLinkLocal(host)) return source.split('%')[0] === host && source.includes('%') ? [source] : [];
      return nobody6.check(host, 'ipv6') ? [] : [host];
    default:
      return [];
  }
}

/** DNS names do not tell upper from lower case. */
function equalNames(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
