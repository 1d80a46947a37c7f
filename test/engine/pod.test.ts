import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { PodStatus } from '../../src/engine/protocol/podTypes.js';
import { checkLeaks } from '../support/leaks.js';
import { whileBusy } from '../support/limits.js';
import { processesOf } from '../support/leftovers.mjs';
import { calfRole, pair, PodMachine, podOptions } from '../support/podMachine.js';
import { ended, isRunning } from '../support/processes.js';
import { type Answer, chat, failsWith, until } from '../support/testClient.js';

/** Its answer is a long one: what is done at its first words is done long before it ends. */
const question = 'Write a class for a queue with tests.';
const longest = 120;

function kill(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
}

describe('a pod of two machines', () => {
  const home = checkLeaks();
  let near: PodMachine;
  let far: PodMachine;
  /** What calf says when it is on one machine. */
  let local: string;

  const running = ({ run }: PodStatus): boolean => run.state === 'running';
  const daemonOf = async (machine: PodMachine): Promise<number> => (await machine.client.diagnostics()).pid;
  const workerOf = async (machine: PodMachine): Promise<number | null> => (await machine.client.diagnostics()).workers.find(({ pid }) => pid !== null)?.pid ?? null;
  const layerServers = (): number[] => processesOf(home.runtimeDirectory).flatMap(({ pid, command }) => (command.endsWith('layerServer.cjs') && !command.includes('daemon.cjs') ? [pid] : []));

  /** Both are up, `far` lends its processor, they are paired and connected. */
  async function start(): Promise<void> {
    [near, far] = await Promise.all([PodMachine.start(home, 'near'), PodMachine.start(home, 'far')]);
    await pair(near, far, await far.share());
    await near.until(() => (near.machine(far)?.link ?? null) !== null);
  }

  async function askLocally(): Promise<void> {
    await near.client.configure(podOptions({ pod: null }));
    local = (await chat(near.client, question, { maxTokens: longest })).text;
  }

  /** Asks the model on the pod, and does something once the answer has begun. */
  function ask(then: () => void | Promise<void> = () => undefined): Promise<Answer> {
    let done = false;
    return chat(near.client, question, {
      maxTokens: longest,
      onEvent: (_event, text) => {
        if (done || text === '') return;
        done = true;
        void then();
      },
    });
  }

  it('answers as one machine does, and shows where the layers are', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    assert.equal((await ask()).text, local);
    const { run } = await near.until((status) => status.run.state === 'running' && status.run.measured !== null);
    assert.ok(run.state === 'running');
    assert.ok(run.parts.some(({ machine, name }) => machine === far.fingerprint && name === 'far'));
    assert.ok(run.predicted > 0);
    const { traffic, part, presence } = near.machine(far) ?? {};
    assert.ok(traffic && traffic.sentBytes > 0 && traffic.receivedBytes > 0 && traffic.latency > 0);
    assert.ok(part && part.bytes > 0 && part.bytes <= part.usableBytes);
    assert.equal(presence, 'connected');
    const { sharing } = await far.until((status) => status.sharing.state === 'on' && status.sharing.borrower !== null);
    assert.ok(sharing.state === 'on' && sharing.borrower?.fingerprint === near.fingerprint && sharing.borrower.name === 'near' && sharing.borrower.usedBytes > 0);
    await near.client.unload('chat');
    await near.until((status) => status.run.state === 'idle');
    await far.until((status) => status.sharing.state === 'on' && status.sharing.borrower === null);
    await until(() => layerServers().length === 0);
  });

  it('a plan says where the layers would go, and changes nothing', async () => {
    await start();
    const preview = await near.client.pod.plan(calfRole, new AbortController().signal);
    assert.ok(preview.pod !== null && preview.pod.tokensPerSecond > 0 && preview.pod.parts.some(({ machine }) => machine === far.fingerprint));
    assert.ok(preview.local.fits && preview.local.tokensPerSecond !== null);
    assert.equal(preview.failure, null);
    assert.deepEqual(near.status.run, { state: 'off' });
    assert.deepEqual(layerServers(), []);
  });

  it('the same answer goes on here when the lender’s daemon is killed in the middle', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const pid = await daemonOf(far);
    const { text, events } = await ask(() => kill(pid, 'SIGKILL'));
    assert.equal(text, local);
    assert.deepEqual(events.filter(({ kind }) => kind !== 'text').map(({ kind }) => kind), ['started', 'recovering', 'recovered']);
    const { run } = await near.until(running);
    assert.ok(run.state === 'running');
    assert.deepEqual(run.parts.map(({ machine }) => machine), [null]);
    await until(() => layerServers().length === 0);
  });

  it('the same answer goes on here when the lender falls silent in the middle', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const pid = await daemonOf(far);
    home.atEnd(() => kill(pid, 'SIGCONT'));
    const noticed = near.until(({ run }) => run.state === 'recovering').then(() => performance.now());
    let silentAt = Infinity;
    const { text } = await ask(() => {
      silentAt = performance.now();
      kill(pid, 'SIGSTOP');
    });
    const goesOnAfter = performance.now() - silentAt;
    assert.equal(text, local);
    const noticedAfter = (await noticed) - silentAt;
    assert.ok(noticedAfter < whileBusy(3_000), `noticed after ${noticedAfter} ms`);
    assert.ok(goesOnAfter < whileBusy(15_000), `${goesOnAfter} ms`);
  });

  it('the same answer goes on here when the machine is unpaired in the middle, and its connections are cut within a second', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    let cut = Promise.resolve(Infinity);
    const unpair = async (): Promise<number> => {
      const since = performance.now();
      await near.client.pod.unpair(far.fingerprint);
      await far.until((status) => status.sharing.state === 'on' && status.sharing.borrower === null);
      return performance.now() - since;
    };
    const { text } = await ask(() => void (cut = unpair()));
    assert.equal(text, local);
    // The other end may hear of it after the answer.
    const cutAfter = await cut;
    assert.ok(cutAfter < whileBusy(1_000), `${cutAfter} ms`);
    assert.equal(near.machine(far)?.paired, false);
    await until(() => layerServers().length === 0);
  });

  it('the lender’s user ends it too by unpairing, and is not trusted with layers any more', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const { text } = await ask(() => far.client.pod.unpair(near.fingerprint));
    assert.equal(text, local);
    await near.until(() => near.machine(far)?.problem?.code === 'notPaired');
  });

  it('a lender that stops sharing in the middle is done without', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const { text } = await ask(() => far.client.pod.share(null));
    assert.equal(text, local);
    await until(() => layerServers().length === 0);
  });

  it('a layer server that dies in the middle is replaced or done without', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const { text } = await ask(() => layerServers().forEach((pid) => kill(pid, 'SIGKILL')));
    assert.equal(text, local);
  });

  it('the worker on the pod may die, and the same answer goes on over the pod', async () => {
    await start();
    await askLocally();
    await near.client.configure(podOptions());
    const { text } = await ask(async () => {
      const pid = await workerOf(near);
      if (pid !== null) kill(pid, 'SIGKILL');
    });
    assert.equal(text, local);
    const { run } = await near.until(running);
    assert.ok(run.state === 'running' && run.parts.some(({ machine }) => machine === far.fingerprint));
  });

  it('a second coordinator hears who holds the machine', async () => {
    await start();
    const other = await PodMachine.start(home, 'other');
    const { sharing } = far.status;
    assert.ok(sharing.state === 'on');
    await pair(other, far, sharing.port);
    await near.client.configure(podOptions());
    await near.client.load('chat', new AbortController().signal);
    const seen = await other.until(() => (other.machine(far)?.holder ?? null) !== null);
    assert.ok(seen);
    assert.equal(other.machine(far)?.holder, 'near');
    const preview = await other.client.pod.plan(calfRole, new AbortController().signal);
    assert.deepEqual(preview.leftOut.filter(({ machine }) => machine === far.fingerprint), [{ machine: far.fingerprint, name: 'far', reason: 'held', holder: 'near' }]);
  });

  it('a lender’s daemon without clients stays while its device is used, and ends after', async () => {
    await start();
    await near.client.configure(podOptions());
    await near.client.load('chat', new AbortController().signal);
    const pid = await daemonOf(far);
    far.client.dispose();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.ok(isRunning(pid));
    await near.client.unload('chat');
    await ended(pid);
  });

  it('what cannot be read as a model falls back to the local one, and says so', async () => {
    await start();
    const broken = `${home.runtimeDirectory}/broken.gguf`;
    fs.writeFileSync(broken, 'not a model');
    await near.client.configure(podOptions({ pod: { ...calfRole, model: { ...calfRole.model, path: broken } } }));
    assert.ok((await ask()).text.length > 0);
    const { run } = await near.until((status) => status.run.state === 'fallback');
    assert.ok(run.state === 'fallback' && run.failure.code === 'notGguf');
    await assert.rejects(near.client.load('chat', new AbortController().signal), failsWith('notGguf'));
  });

  it('nothing of it is there before somebody looks, shares or loads', async () => {
    const machine = await PodMachine.start(home, 'near', { watch: false });
    await machine.client.configure(podOptions({ pod: null }));
    await machine.client.load('chat', new AbortController().signal);
    assert.equal(fs.existsSync(`${machine.env['SEEKPOD_STATE_DIR']}/pod/identity.json`), false);
    assert.deepEqual(layerServers(), []);
  });
});
