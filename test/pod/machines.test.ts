import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { checkLeaks } from '../support/leaks.js';
import { TestNetwork } from '../support/machines.js';
import { ownNamespaces, sweepNamespaces } from '../support/namespaces.mjs';
import { ended } from '../support/processes.js';
import { useMachines } from '../support/useMachines.js';

const listen = "const s = require('node:net').createServer((c) => c.end('hi')); s.listen(PORT, 'HOST', () => console.log('up'))";
const dial = "const c = require('node:net').connect({ port: PORT, host: 'HOST', timeout: 400 }); c.on('timeout', () => process.exit(3)); c.on('error', () => process.exit(4)); c.on('data', (d) => process.stdout.write(d)); c.on('end', () => process.exit(0))";
const script = (text: string, host: string, port: number): string[] => ['-e', text.replaceAll('PORT', String(port)).replaceAll('HOST', host)];

describe('machines as network namespaces', () => {
  checkLeaks();
  const network = useMachines(2);

  it('a machine reaches another one, and not when its link is down', async () => {
    const [one, two] = [network().machine(1), network().machine(2)];
    const server = two.run('node', script(listen, two.address, 4_000));
    assert.ok(server.stdout);
    await once(server.stdout, 'data');
    assert.equal(await one.output('node', script(dial, two.address, 4_000)), 'hi');
    await two.linkDown();
    await assert.rejects(one.output('node', script(dial, two.address, 4_000)));
    await two.linkUp();
    assert.equal(await one.output('node', script(dial, two.address, 4_000)), 'hi');
    server.kill('SIGKILL');
    await once(server, 'exit');
  });

  it('tells what listens in a machine, and who', async () => {
    const machine = network().machine(1);
    const servers = [['127.0.0.1', 4_001], ['::1', 4_002], ['0.0.0.0', 4_003]].map(([host, port]) => machine.run('node', script(listen, String(host), Number(port))));
    for (const { stdout } of servers) if (stdout !== null) await once(stdout, 'data');
    const found = (await machine.listening()).map(({ address, port, process, pid }) => [address, port, process, pid]);
    assert.deepEqual(found.toSorted(), [
      ['0.0.0.0', 4_003, 'node', servers[2]?.pid],
      ['127.0.0.1', 4_001, 'node', servers[0]?.pid],
      ['::1', 4_002, 'node', servers[1]?.pid],
    ]);
    for (const server of servers) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  });

  it('a process of a machine has directories of its own', async () => {
    const homes = await Promise.all(network().machines.map((machine) => machine.output('sh', ['-c', 'echo $HOME $SEEKPOD_RUNTIME_DIR $SEEKPOD_STATE_DIR'])));
    assert.equal(new Set(homes.flatMap((line) => line.trim().split(' '))).size, 6);
  });
});

describe('the end of a network', () => {
  checkLeaks();

  it('ends the processes in it and deletes namespaces and directories', async () => {
    const network = await TestNetwork.create(1);
    const machine = network.machine(1);
    const { pid } = machine.run('sleep', ['1000'], { stdio: 'ignore' });
    assert.ok(pid !== undefined);
    assert.equal(ownNamespaces().filter((name) => name.startsWith(network.prefix)).length, 2);
    network.dispose();
    await ended(pid);
    assert.deepEqual(ownNamespaces().filter((name) => name.startsWith(network.prefix)), []);
    assert.equal(fs.existsSync(machine.home), false);
  });

  it('what a killed test process left is swept by the next one', () => {
    // The shell that makes the namespace is gone when the sweep comes.
    const { stdout } = spawnSync('sh', ['-c', 'name=seekpod-$$-1-hub; ip netns add $name; echo $name'], { encoding: 'utf8' });
    const left = `/run/netns/${stdout.trim()}`;
    assert.equal(fs.existsSync(left), true);
    sweepNamespaces();
    assert.equal(fs.existsSync(left), false);
  });
});
