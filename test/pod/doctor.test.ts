import assert from 'node:assert/strict';
import path from 'node:path';
import type { PeerFacts } from '../../src/engine/protocol/peerMessages.js';
import type { DoctorFinding, Sharing } from '../../src/engine/protocol/podTypes.js';
import { JsonLines } from '../support/jsonLines.js';
import { checkLeaks } from '../support/leaks.js';
import type { TestMachine } from '../support/machines.js';
import { useMachines } from '../support/useMachines.js';
import type { Known } from './doctor.program.js';

const program = (name: string): string => path.resolve(`out/test/pod/${name}.program.mjs`);
const port = 4_700;
const build = { llama: 'v0.4.0', rpcProtocol: '6.0.0' };

describe('the doctor', function () {
  this.timeout(40_000);
  const home = checkLeaks();
  const network = useMachines(2);
  const here = (): TestMachine => network().machine(1);
  const there = (): TestMachine => network().machine(2);

  /** What the first machine finds out about itself and the second. */
  async function examine(o: { readonly fingerprint?: string; readonly sharing?: Sharing; readonly facts?: Partial<PeerFacts> } = {}): Promise<DoctorFinding[]> {
    const lines = new JsonLines<DoctorFinding[]>(here().run('node', [program('doctor')]));
    home.atEnd(() => lines.kill());
    const facts: PeerFacts = { protocolVersion: 1, seekpodVersion: '0.1.0', name: 'Studio', os: 'linux', build, clock: Date.now(), devices: [], offer: { kind: 'refused', reason: 'notSharing' }, ...o.facts };
    const known: Known = {
      build,
      problem: null,
      sharing: o.sharing ?? { state: 'off' },
      machines: [{ name: 'Studio', fingerprint: o.fingerprint ?? 'ef'.repeat(32), facts, leased: false, addresses: [{ host: there().address, port }] }],
    };
    lines.tell(known);
    const findings = await lines.next((line) => line);
    assert.equal(await lines.ended(), 0);
    return findings;
  }

  /** A machine that shares. @returns its fingerprint */
  async function listener(machine: TestMachine, ...how: 'silent'[]): Promise<string> {
    const lines = new JsonLines<{ ready?: string }>(machine.run('node', [program('listener'), String(port), ...how]));
    home.atEnd(() => lines.kill());
    return lines.next(({ ready }) => ready);
  }

  const told = (findings: readonly DoctorFinding[]): string[] => findings.map(({ check, verdict, machine }) => `${check} ${verdict}${machine === null ? '' : ` ${machine}`}`);

  it('finds nothing wrong where a machine shares and is heard', async () => {
    const fingerprint = await listener(there());
    assert.deepEqual(told(await examine({ fingerprint })), ['library good', 'multicast good', 'vpn good', 'port unknown', 'machine good Studio', 'build good Studio', 'clock good Studio']);
  });

  it('a machine that answers but is not heard: its multicast is filtered', async () => {
    const fingerprint = await listener(there(), 'silent');
    assert.ok(told(await examine({ fingerprint })).includes('multicast warning Studio'));
  });

  it('a machine that is heard and was not known is examined too', async () => {
    await listener(there());
    assert.ok(told(await examine({ fingerprint: 'cd'.repeat(32) })).includes('machine good Announced'));
  });

  it('nobody else is heard: multicast works, and more is not known', async () => {
    assert.ok(told(await examine()).includes('multicast unknown'));
  });

  it('another build and a clock that is off', async () => {
    const examined = await examine({ facts: { build: { ...build, llama: 'v0.5.0' }, clock: Date.now() - 3_600_000 } });
    assert.ok(told(examined).includes('build bad Studio'));
    assert.ok(told(examined).includes('clock warning Studio'));
  });

  it('a machine that is on and does not share', async () => {
    const examined = await examine();
    assert.ok(told(examined).includes('port bad Studio'));
    assert.equal(examined.find(({ machine }) => machine === 'Studio')?.detail, `${there().address}:${port}`);
  });

  it('another program at the port, on either side', async () => {
    const server = "require('node:net').createServer((c) => c.end('220 hello')).listen(4700, () => console.log('{}'))";
    for (const machine of [here(), there()]) {
      const lines = new JsonLines<object>(machine.run('node', ['-e', server]));
      home.atEnd(() => lines.kill());
      await lines.next((line) => line);
    }
    const examined = told(await examine({ sharing: { state: 'failed', failure: { code: 'podPortTaken', port } } }));
    assert.ok(examined.includes('port bad'));
    assert.ok(examined.includes('machine warning Studio'));
  });

  it('a firewall that drops: the machine is there, and connections come to nothing', async () => {
    await listener(there(), 'silent');
    // What the other machine would answer is dropped, as a firewall does.
    await there().ip('route', 'add', 'blackhole', `${here().address}/32`);
    try {
      assert.ok(told(await examine()).includes('firewall bad Studio'));
    } finally {
      await there().ip('route', 'del', 'blackhole', `${here().address}/32`);
    }
  });

  it('rules of this machine that forbid the connection', async () => {
    await here().ip('route', 'add', 'prohibit', `${there().address}/32`);
    try {
      assert.ok(told(await examine()).includes('firewall warning Studio'));
    } finally {
      await here().ip('route', 'del', 'prohibit', `${there().address}/32`);
    }
  });

  it('a machine that has been off for a while', async () => {
    await there().linkDown();
    await here().ip('neigh', 'flush', 'all');
    try {
      assert.ok(told(await examine()).includes('machine bad Studio'));
    } finally {
      await there().linkUp();
    }
  });

  it('a VPN that takes the connections into the local network', async () => {
    await here().ip('link', 'add', 'tun0', 'type', 'veth', 'peer', 'name', 'elsewhere');
    try {
      await here().ip('addr', 'add', '10.99.0.1/24', 'dev', 'tun0');
      await here().ip('link', 'set', 'tun0', 'up');
      await here().ip('link', 'set', 'elsewhere', 'up');
      await here().ip('route', 'add', `${there().address}/32`, 'dev', 'tun0');
      await here().ip('route', 'add', 'default', 'dev', 'tun0');
      const examined = await examine();
      assert.deepEqual(examined.filter(({ check }) => check === 'vpn').map(({ verdict, machine, detail }) => [verdict, machine, detail]), [['warning', null, 'tun0'], ['bad', 'Studio', 'tun0']]);
    } finally {
      await here().ip('link', 'del', 'tun0');
    }
  });

  it('no multicast: no network at all', async () => {
    await here().linkDown();
    try {
      const multicast = (await examine()).find(({ check }) => check === 'multicast');
      assert.equal(multicast?.verdict, 'bad');
      assert.match(multicast.detail, /no network interface/);
    } finally {
      await here().linkUp();
    }
  });

  it('no multicast: another program keeps the port of mDNS to itself', async () => {
    const hog = new JsonLines<object>(here().run('node', ['-e', "const s = require('node:dgram').createSocket('udp4'); s.bind(5353, () => console.log('{}')); const t = require('node:dgram').createSocket({ type: 'udp6', ipv6Only: true }); t.bind(5353)"]));
    home.atEnd(() => hog.kill());
    await hog.next((line) => line);
    const multicast = (await examine()).find(({ check }) => check === 'multicast');
    assert.equal(multicast?.verdict, 'bad');
    assert.match(multicast.detail, /EADDRINUSE/);
  });
});
