import assert from 'node:assert/strict';
import { announcedName, type DnsRecord, hostOf, instanceOf, machinesIn, serviceDomain } from '../../../src/engine/pod/net/discovery/announcement.js';

const id = 'ab'.repeat(32);
const instance = `${instanceOf(id)}.${serviceDomain}`;
const txt = (...entries: string[]): DnsRecord => ({ type: 'TXT', name: instance, ttl: 120, data: entries.map((entry) => Buffer.from(entry)) });
const pointer: DnsRecord = { type: 'PTR', name: serviceDomain, ttl: 120, data: instance };
const service: DnsRecord = { type: 'SRV', name: instance, ttl: 120, data: { port: 4_500, target: hostOf(id) } };
const text = txt(`id=${id}`, 'n=Studio', 'v=1');
const at = (data: string): DnsRecord => ({ type: data.includes(':') ? 'AAAA' : 'A', name: hostOf(id), ttl: 120, data });
const found = (records: readonly DnsRecord[], source = '10.0.0.2') => machinesIn(records, source).sightings;
const hosts = (addresses: readonly string[], source?: string): string[] => found([pointer, service, text, ...addresses.map(at)], source).flatMap((each) => each.addresses.map(({ host }) => host));

describe('announcements', () => {
  it('a complete one is a sighting, however its names are written', () => {
    const expected = [{ fingerprint: id, name: 'Studio', protocolVersion: 1, addresses: [{ host: '10.0.0.2', port: 4_500 }] }];
    assert.deepEqual(found([pointer, service, text, at('10.0.0.2')]), expected);
    assert.deepEqual(found([pointer, service, text, at('10.0.0.2')].map((record) => ({ ...record, name: record.name.toUpperCase() }))), expected);
  });

  it('one that lacks a record, or has a bad one, is passed over', () => {
    for (const records of [
      [service, text],
      [pointer, text],
      [pointer, service],
      [pointer, service, { ...text, data: 'id' }],
      [pointer, service, txt(`id=${id.toUpperCase()}`, 'n=Studio', 'v=1')],
      [pointer, service, txt(`id=${'cd'.repeat(32)}`, 'n=Studio', 'v=1')],
      [pointer, service, txt(`id=${id}`, 'n=', 'v=1')],
      [pointer, service, txt(`id=${id}`, 'n=Studio', 'v=one')],
      [pointer, service, txt(`id=${id}`, 'n=Studio')],
      [pointer, { ...service, data: { port: 0, target: hostOf(id) } }, text],
      [pointer, { ...service, data: null }, text],
      [{ ...pointer, data: { toString: 1 } }, service, text],
      [{ ...pointer, name: '_http._tcp.local' }, service, text],
    ]) {
      assert.deepEqual(found(records as DnsRecord[]), [], JSON.stringify(records));
    }
  });

  it('addresses that no other machine can have are passed over', () => {
    assert.deepEqual(hosts(['127.0.0.1', '0.0.0.0', '224.0.0.251', '255.255.255.255', '::1', '::', 'ff02::fb', '::ffff:127.0.0.1', 'nonsense', '10.0.0.2', 'fd00::2']), ['10.0.0.2', 'fd00::2']);
  });

  it('a link-local address has its interface from the packet that came from it', () => {
    assert.deepEqual(hosts(['fe80::2'], 'fe80::2%en5'), ['fe80::2%en5']);
    assert.deepEqual(hosts(['fe80::2'], 'fe80::3%en5'), []);
    assert.deepEqual(hosts(['fe80::2'], '10.0.0.2'), []);
  });

  it('a goodbye is told by its instance', () => {
    assert.deepEqual(machinesIn([{ ...pointer, ttl: 0 }, service, text], '10.0.0.2'), { sightings: [], goodbyes: [instanceOf(id)] });
    assert.deepEqual(machinesIn([{ ...pointer, ttl: 0, data: `printer.${serviceDomain}` }], '10.0.0.2').goodbyes, []);
  });

  it('a packet with very many machines is read in part', () => {
    const many = Array.from({ length: 200 }, () => ({ ...pointer, ttl: 0 }));
    assert.equal(machinesIn(many, '10.0.0.2').goodbyes.length, 16);
  });

  it('names lose control characters and fit into a TXT entry', () => {
    assert.equal(announcedName(' St\u001b[2Judio\u202e\n '), 'St[2Judio');
    assert.ok(Buffer.byteLength(announcedName('🐋'.repeat(200))) <= 200);
    assert.match(announcedName('🐋'.repeat(200)), /^🐋+$/u);
  });
});
