import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { findBinaries, findRpcLibrary } from '../../src/engine/ggml/binaries.js';
import { checkLeaks } from '../support/leaks.js';
import { whileBusy } from '../support/limits.js';
import { loadOnPod, running } from '../support/podAsk.js';
import { type MachineDaemon, podTestOptions, roleFor, shareAll } from '../support/machineDaemon.js';
import { chat } from '../support/testClient.js';
import { useMachines } from '../support/useMachines.js';
import { usePod } from '../support/usePod.js';
import { calfFile } from '../support/workerProcess.js';

const signal = new AbortController().signal;
const planned = roleFor(calfFile);

describe('who gets nothing of the pod', () => {
  const home = checkLeaks();
  const network = useMachines(3);
  const pod = usePod(network, home);

  const leftOut = async (here: MachineDaemon, lender: MachineDaemon) => {
    const { leftOut: out } = await here.client.pod.plan(planned, signal);
    return out.find(({ machine }) => machine === lender.fingerprint) ?? null;
  };

  it('a machine that is not paired sees the lender, and gets neither facts nor layers of it', async () => {
    const [, lender] = await pod.paired({}, {});
    assert.ok(lender);
    const stranger = await pod.start(3);
    const seen = await stranger.whenSees(lender, () => true);
    assert.equal(seen.paired, false);
    assert.deepEqual({ devices: seen.devices, lendable: seen.lendableBytes, presence: seen.presence }, { devices: [], lendable: null, presence: 'seen' });
    assert.equal((await leftOut(stranger, lender))?.reason, 'notPaired');
  });

  it('ports of the layer server and of tunnels are on loopback: another machine cannot reach them', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await loadOnPod(here, calfFile);
    const ports = (await lender.machine.listening()).filter(({ protocol, address }) => protocol === 'tcp' && address.startsWith('127.')).map(({ port }) => port);
    assert.notEqual(ports.length, 0);
    const stranger = network().machine(3);
    for (const port of ports) {
      const dial = `const c = require('node:net').connect(${port}, '${lender.machine.address}'); c.on('connect', () => process.exit(0)); c.on('error', () => process.exit(7))`;
      await assert.rejects(stranger.output(process.execPath, ['-e', dial]), { code: 7 });
    }
  });

  it('garbage, silence and half-open connections to the port leave the lender at work', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender && lender.status.sharing.state === 'on');
    const { port } = lender.status.sharing;
    const talk = `const net = require('node:net'); const left = [Buffer.alloc(200_000, 0xff), Buffer.from('GET / HTTP/1.1\\r\\n\\r\\n'), Buffer.alloc(0)].map((bytes) => { const c = net.connect(${port}, '${lender.machine.address}'); c.on('error', () => undefined); c.on('connect', () => c.write(bytes)); return c; }); setTimeout(() => process.exit(0), 300)`;
    await network().machine(3).output(process.execPath, ['-e', talk]);
    await loadOnPod(here, calfFile);
    assert.notEqual((await chat(here.client, 'Hello', { maxTokens: 5 })).text, '');
  });

  it('a second coordinator is told who holds the lender', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    const second = await pod.start(3);
    await second.pairWith(lender);
    await loadOnPod(here, calfFile);
    await second.whenSees(lender, ({ holder }) => holder === here.name);
    assert.deepEqual(await leftOut(second, lender), { machine: lender.fingerprint, name: lender.name, reason: 'held', holder: here.name });
    await second.client.configure(podTestOptions({ pod: planned }));
    await here.client.unload('chat');
    await second.whenSees(lender, ({ holder }) => holder === null);
    assert.equal(await leftOut(second, lender), null);
  });

  it('a lender that is shared with others only says so', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await lender.client.pod.share({ ...shareAll, only: ['somebody else'] });
    await here.when(() => here.view(lender)?.lendableBytes === null);
    assert.equal((await leftOut(here, lender))?.reason, 'notAllowed');
  });

  it('a machine with another build takes no part, and says which builds', async () => {
    const builds = findBinaries(path.resolve('dist/node_modules/@node-llama-cpp')).map(({ folder }) => findRpcLibrary(folder).facts);
    const files = Object.fromEntries(builds.map((file) => [file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), llama: 'v9.9.9' })]));
    const here = await pod.start(1);
    const lender = await pod.start(2, { files });
    await lender.client.pod.share(shareAll);
    await here.pairWith(lender);
    const seen = await here.whenSees(lender, ({ problem }) => problem !== null);
    assert.ok(seen.problem?.code === 'differentBuild' && seen.problem.theirs.includes('v9.9.9'));
    assert.equal((await leftOut(here, lender))?.reason, 'differentBuild');
  });

  it('a lender that comes back with another key is not taken for the one that was paired', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender && lender.status.sharing.state === 'on');
    const { port } = lender.status.sharing;
    const paired = lender.fingerprint;
    await lender.kill();
    fs.rmSync(path.join(lender.machine.home, 'state', 'pod'), { recursive: true });
    await lender.restart();
    assert.notEqual(lender.fingerprint, paired);
    await lender.client.pod.share({ ...shareAll, port });
    const seen = await here.when(({ machines }) => machines.find(({ fingerprint, problem }) => fingerprint === paired && problem?.code === 'keyChanged'));
    assert.ok(seen.problem?.code === 'keyChanged' && seen.problem.actual === lender.fingerprint);
    assert.equal(here.view(lender)?.paired ?? false, false);
  });

  it('when a lender stops sharing, its layers go to the rest, which is this machine', async () => {
    const [here, lender] = await pod.paired({}, {});
    assert.ok(lender);
    await loadOnPod(here, calfFile);
    await lender.client.pod.share(null);
    await lender.when(({ sharing }) => sharing.state === 'off');
    assert.equal((await leftOut(here, lender))?.reason, 'notConnected');
    assert.notEqual((await chat(here.client, 'Hello', { maxTokens: 5 })).text, '');
    const { parts } = await running(here);
    assert.deepEqual(parts.map(({ machine }) => machine), [null]);
  });

  it('a machine that answers no longer disappears within ten seconds', async () => {
    const lender = await pod.start(2);
    const here = await pod.start(1);
    await lender.client.pod.share(shareAll);
    const { fingerprint } = lender;
    await here.whenSees(lender, () => true);
    const begun = performance.now();
    await lender.machine.linkDown();
    await here.when(({ machines }) => machines.every((machine) => machine.fingerprint !== fingerprint));
    assert.ok(performance.now() - begun <= whileBusy(10_000));
  });
});
