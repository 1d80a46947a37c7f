import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sighting } from '../../src/engine/pod/core/discovery/sightingTable.js';
import { JsonLines } from '../support/jsonLines.js';
import { checkLeaks } from '../support/leaks.js';
import { whileBusy } from '../support/limits.js';
import type { TestMachine } from '../support/machines.js';
import { useMachines } from '../support/useMachines.js';

interface Line {
  readonly seen?: Sighting;
  readonly gone?: string;
  readonly log?: string;
  readonly report?: { readonly problem: string | null; readonly heapBytes: number; readonly cpuMs: number };
}

const program = path.resolve('out/test/pod/discovery.program.mjs');
const fingerprints = ['a1', 'b2', 'c3'].map((pair) => pair.repeat(32));
const [first, second, third] = fingerprints as [string, string, string];

describe('discovery', function () {
  this.timeout(40_000);
  const home = checkLeaks();
  const network = useMachines(3);

  function start(machine: TestMachine): JsonLines<Line> {
    const lines = new JsonLines<Line>(machine.run('node', [program]));
    home.atEnd(() => lines.kill());
    return lines;
  }

  /** A machine that looks for others. */
  function browser(machine: TestMachine): JsonLines<Line> {
    const lines = start(machine);
    lines.tell({ do: 'browse', on: true });
    return lines;
  }

  function sharer(machine: TestMachine, fingerprint: string, name = 'Studio', port = 4_500): JsonLines<Line> {
    const lines = start(machine);
    lines.tell({ do: 'advertise', what: { fingerprint, name, port } });
    return lines;
  }

  const seen = (fingerprint: string, fits: (sighting: Sighting) => boolean = () => true) => (line: Line) =>
    line.seen?.fingerprint === fingerprint && fits(line.seen) ? line.seen : undefined;
  const gone = (fingerprint: string) => (line: Line) => (line.gone === fingerprint ? true : undefined);
  const hosts = ({ addresses }: Sighting): string[] => addresses.map(({ host }) => host);

  it('a machine that shares is seen with its name, its version and all its addresses, IPv6 with the interface', async () => {
    const [one, two] = [network().machine(1), network().machine(2)];
    const watching = browser(one);
    sharer(two, second, 'Anna’s Mac = Büro');
    const sighting = await watching.next(seen(second, ({ addresses }) => addresses.length === 2));
    assert.equal(sighting.name, 'Anna’s Mac = Büro');
    assert.equal(sighting.protocolVersion, 1);
    assert.deepEqual(hosts(sighting)[0], two.address);
    assert.match(hosts(sighting)[1] ?? '', /^fe80::[0-9a-f:]+%eth0$/);
    assert.deepEqual(sighting.addresses.map(({ port }) => port), [4_500, 4_500]);
  });

  it('one that shared before is seen by one that begins to look', async () => {
    const sharing = sharer(network().machine(2), second);
    await browser(network().machine(3)).next(seen(second));
    assert.deepEqual(sharing.lines.filter((line) => line.seen !== undefined), []);
    await browser(network().machine(1)).next(seen(second));
  });

  it('a machine that looks but does not share is not seen, nor does one see itself', async () => {
    const one = browser(network().machine(1));
    one.tell({ do: 'advertise', what: { fingerprint: first, name: 'one', port: 4_500 } });
    const two = browser(network().machine(2));
    await two.next(seen(first));
    sharer(network().machine(3), third);
    await Promise.all([one.next(seen(third)), two.next(seen(third))]);
    assert.equal(one.lines.find(seen(first)), undefined);
    assert.deepEqual(new Set(two.lines.flatMap((line) => line.seen?.fingerprint ?? [])), new Set([first, third]));
  });

  it('one that stops sharing says goodbye; sharing again brings it back', async () => {
    const watching = browser(network().machine(1));
    const sharing = sharer(network().machine(2), second);
    await watching.next(seen(second));
    sharing.tell({ do: 'advertise', what: null });
    const start = watching.lines.length;
    await watching.next(gone(second), start);
    sharing.tell({ do: 'advertise', what: { fingerprint: second, name: 'again', port: 4_501 } });
    await watching.next(seen(second, ({ name }) => name === 'again'), start);
  });

  it('a new name or port is told without a goodbye', async () => {
    const watching = browser(network().machine(1));
    const sharing = sharer(network().machine(2), second);
    await watching.next(seen(second));
    sharing.tell({ do: 'advertise', what: { fingerprint: second, name: 'renamed', port: 4_502 } });
    const sighting = await watching.next(seen(second, ({ name }) => name === 'renamed'));
    assert.ok(sighting.addresses.some(({ port }) => port === 4_502));
    assert.equal(watching.lines.find(gone(second)), undefined);
  });

  it('a killed machine is gone within 10 seconds, and seen again when it is back', async () => {
    const watching = browser(network().machine(1));
    const sharing = sharer(network().machine(2), second);
    await watching.next(seen(second));
    await sharing.kill();
    const killedAt = performance.now();
    await watching.next(gone(second));
    assert.ok(performance.now() - killedAt <= whileBusy(10_000));
    const start = watching.lines.length;
    sharer(network().machine(2), second);
    await watching.next(seen(second), start);
  });

  it('a machine whose link is down is gone within 10 seconds, and seen again when it is up', async () => {
    const watching = browser(network().machine(1));
    const sharing = sharer(network().machine(2), second);
    await watching.next(seen(second));
    const downAt = performance.now();
    await network().machine(2).linkDown();
    await watching.next(gone(second));
    assert.ok(performance.now() - downAt <= whileBusy(10_000));
    const start = watching.lines.length;
    assert.match((await sharing.ask({ do: 'report' }, (line) => line.report)).problem ?? '', /no network interface/);
    await network().machine(2).linkUp();
    await watching.next(seen(second), start);
    assert.equal((await sharing.ask({ do: 'report' }, (line) => line.report)).problem, null);
  });

  it('the machine that looks loses its own link, and sees the others when it is back', async () => {
    const watching = browser(network().machine(1));
    sharer(network().machine(2), second);
    await watching.next(seen(second));
    await network().machine(1).linkDown();
    await watching.next(gone(second));
    const start = watching.lines.length;
    await network().machine(1).linkUp();
    await watching.next(seen(second), start);
  });

  it('a started machine without any network says so and finds the others when it has one', async () => {
    await network().machine(1).linkDown();
    const watching = browser(network().machine(1));
    sharer(network().machine(2), second);
    let problem: string | null = null;
    while (problem === null) ({ problem } = await watching.ask({ do: 'report' }, (line) => line.report));
    assert.match(problem, /no network interface/);
    await network().machine(1).linkUp();
    await watching.next(seen(second));
  });

  it('another program keeps the port of mDNS to itself: it says so, and works when that has ended', async () => {
    const hold = "for (const type of ['udp4', 'udp6']) require('node:dgram').createSocket({ type, ipv6Only: type === 'udp6' }).bind(5353, () => console.log('{}'))";
    const hog = new JsonLines<object>(network().machine(1).run('node', ['-e', hold]));
    home.atEnd(() => hog.kill());
    await hog.next(() => (hog.lines.length === 2 ? true : undefined));
    const watching = browser(network().machine(1));
    sharer(network().machine(2), second);
    let problem: string | null = null;
    while (problem === null) ({ problem } = await watching.ask({ do: 'report' }, (line) => line.report));
    assert.match(problem, /EADDRINUSE/);
    await hog.kill();
    await watching.next(seen(second));
  });

  it('changes of mind in quick succession end in what was wanted last', async () => {
    const watching = browser(network().machine(1));
    const fickle = start(network().machine(2));
    for (let turn = 0; turn < 20; turn++) {
      fickle.tell({ do: 'browse', on: turn % 2 === 0 });
      fickle.tell({ do: 'advertise', what: turn % 3 === 0 ? null : { fingerprint: second, name: `turn ${turn}`, port: 4_500 + turn } });
    }
    await watching.next(seen(second, ({ name }) => name === 'turn 19'));
    fickle.tell({ do: 'browse', on: true });
    fickle.tell({ do: 'advertise', what: null });
    fickle.tell({ do: 'end' });
    assert.equal(await fickle.ended(), 0);
    await watching.next(gone(second));
  });

  it('garbage, forged machines and forged goodbyes neither fill the memory nor hide a machine', async () => {
    const [one, two, three] = network().machines as [TestMachine, TestMachine, TestMachine];
    const watching = browser(one);
    sharer(two, second);
    await watching.next(seen(second));
    const forger = three.run('node', [path.resolve('out/test/pod/forger.program.mjs'), second], { stdio: 'inherit' });
    const forgedOnes = (): Set<string> => new Set(watching.lines.flatMap(({ seen: sighting }) => (sighting?.name.startsWith('forged') === true ? sighting.fingerprint : [])));
    while (forgedOnes().size === 0) await watching.ask({ do: 'report' }, (line) => line.report);
    const before = await watching.ask({ do: 'report' }, (line) => line.report);
    // A machine that comes in the middle of the flood.
    sharer(two, third, 'late', 4_600);
    await watching.next(seen(third));
    await sleep(6_000);
    const after = await watching.ask({ do: 'report' }, (line) => line.report);
    assert.ok(after.heapBytes - before.heapBytes < 30_000_000, `${after.heapBytes - before.heapBytes} bytes more`);
    assert.equal(watching.lines.find(gone(second)), undefined);
    assert.equal(watching.lines.find(gone(third)), undefined);
    // Eight for each of the forger's addresses, IPv4 and IPv6.
    assert.ok(forgedOnes().size <= 16, `${forgedOnes().size} forged machines`);
    for (const { host } of watching.lines.flatMap(({ seen: sighting }) => sighting?.addresses ?? [])) {
      assert.ok(!/^(127\.|0\.|224\.|::1$|::ffff:)/.test(host), host);
    }
    forger.kill('SIGKILL');
    const forged = forgedOnes();
    for (const fingerprint of forged) await watching.next(gone(fingerprint));
  });

  it('the end frees everything: the process ends by itself', async () => {
    const both = browser(network().machine(1));
    both.tell({ do: 'advertise', what: { fingerprint: first, name: 'one', port: 4_500 } });
    await browser(network().machine(2)).next(seen(first));
    both.tell({ do: 'end' });
    assert.equal(await both.ended(), 0);
    assert.deepEqual((await network().machine(1).listening()).filter(({ port }) => port === 5_353), []);
  });
});

describe('discovery over several interfaces', function () {
  this.timeout(40_000);
  const home = checkLeaks();
  const network = useMachines(2);

  it('one that comes later is used by both sides, and its address is dropped when it goes', async () => {
    const [one, two] = [network().machine(1), network().machine(2)];
    const watching = new JsonLines<Line>(one.run('node', [program]));
    home.atEnd(() => watching.kill());
    watching.tell({ do: 'browse', on: true });
    const sharing = new JsonLines<Line>(two.run('node', [program]));
    home.atEnd(() => sharing.kill());
    sharing.tell({ do: 'advertise', what: { fingerprint: second, name: 'two', port: 4_500 } });
    const has = (...addresses: string[]) => (line: Line) => {
      const ipv4 = line.seen?.addresses.map(({ host }) => host).filter((host) => !host.includes(':'));
      return JSON.stringify(ipv4) === JSON.stringify(addresses) ? true : undefined;
    };
    await watching.next(has(two.address));
    await one.plugIn(1);
    await two.plugIn(1);
    await watching.next(has(two.addressOf('eth0'), two.addressOf('eth1')));
    // Both links are used, not only named: with the first one cut the machines still hear each other.
    const start = watching.lines.length;
    await two.linkDown('eth0');
    await watching.next(has(two.addressOf('eth1')), start);
    assert.equal(watching.lines.slice(start).find((line) => line.gone !== undefined), undefined);
    await two.linkUp('eth0');
    await watching.next(has(two.addressOf('eth0'), two.addressOf('eth1')), start);
  });
});
