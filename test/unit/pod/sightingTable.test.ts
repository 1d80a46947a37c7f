import assert from 'node:assert/strict';
import { type Sighting, sightingLimits, SightingTable } from '../../../src/engine/pod/core/discovery/sightingTable.js';

const { silenceMs, goodbyeMs } = sightingLimits;
const fingerprint = (index: number): string => index.toString(16).padStart(64, '0');
const sighting = (index: number, ...hosts: string[]): Sighting => ({ fingerprint: fingerprint(index), name: `m${index}`, protocolVersion: 1, addresses: (hosts.length === 0 ? ['10.0.0.1'] : hosts).map((host) => ({ host, port: 4_500 })) });
const seen = (value: Sighting): unknown => ({ kind: 'seen', sighting: value });
const gone = (index: number): unknown => ({ kind: 'gone', fingerprint: fingerprint(index) });

describe('sighting table', () => {
  it('tells a machine once, and again when something about it changes', () => {
    const table = new SightingTable();
    assert.deepEqual(table.heard(sighting(1), 'a', 0), [seen(sighting(1))]);
    assert.deepEqual(table.heard(sighting(1), 'a', 100), []);
    const renamed = { ...sighting(1), name: 'other' };
    assert.deepEqual(table.heard(renamed, 'a', 200), [seen(renamed)]);
  });

  it('joins the addresses of several answers, and drops one that is no longer named', () => {
    const table = new SightingTable();
    table.heard(sighting(1, '10.0.0.1'), 'a', 0);
    assert.deepEqual(table.heard(sighting(1, '10.0.0.2'), 'a', 1_000), [seen(sighting(1, '10.0.0.1', '10.0.0.2'))]);
    assert.deepEqual(table.expire(silenceMs - 1), []);
    assert.deepEqual(table.expire(silenceMs), [seen(sighting(1, '10.0.0.2'))]);
  });

  it('a machine without an address is not told before it has one', () => {
    const table = new SightingTable();
    assert.deepEqual(table.heard({ ...sighting(1), addresses: [] }, 'a', 0), []);
    assert.deepEqual(table.heard(sighting(1), 'a', 1), [seen(sighting(1))]);
  });

  it('one that is silent too long is gone, and can come back', () => {
    const table = new SightingTable();
    table.heard(sighting(1), 'a', 0);
    table.heard(sighting(2), 'a', 1_000);
    assert.deepEqual(table.expire(silenceMs), [gone(1)]);
    assert.deepEqual(table.heard(sighting(1), 'a', silenceMs), [seen(sighting(1))]);
  });

  it('a goodbye counts unless it is contradicted', () => {
    const table = new SightingTable();
    table.heard(sighting(1), 'a', 0);
    assert.equal(table.goodbye(fingerprint(1).slice(0, 32), 0), true);
    assert.deepEqual(table.expire(goodbyeMs - 1), []);
    table.heard(sighting(1), 'a', goodbyeMs - 1);
    assert.deepEqual(table.expire(goodbyeMs), []);
    table.goodbye(fingerprint(1).slice(0, 32), 2_000);
    assert.deepEqual(table.expire(2_000 + goodbyeMs), [gone(1)]);
    assert.equal(table.goodbye(fingerprint(9).slice(0, 32), 0), false);
  });

  it('is bounded: machines, machines of one source, addresses of one machine', () => {
    const table = new SightingTable();
    for (let index = 0; index < 10_000; index++) table.heard(sighting(index), 'flood', 0);
    assert.equal(table.size, sightingLimits.machinesPerSource);
    for (let index = 0; index < 10_000; index++) table.heard(sighting(index), `source ${index}`, 0);
    assert.equal(table.size, sightingLimits.machines);
    const hosts = Array.from({ length: 40 }, (_, index) => `10.0.1.${index}`);
    assert.deepEqual(table.heard(sighting(1, ...hosts), 'flood', 0), [seen(sighting(1, ...hosts.slice(-sightingLimits.addresses)))]);
  });

  it('forgets all at the end', () => {
    const table = new SightingTable();
    table.heard(sighting(1), 'a', 0);
    assert.deepEqual(table.clear(), [gone(1)]);
    assert.equal(table.size, 0);
  });
});
