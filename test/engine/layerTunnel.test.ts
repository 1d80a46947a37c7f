import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import type { Identity } from '../../src/engine/pod/net/identity.js';
import { forkLayerServers } from '../../src/engine/pod/net/layerServerProcess.js';
import { type LayerTunnel, openLayerTunnel } from '../../src/engine/pod/net/layerTunnel.js';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import { layerServerFile } from '../support/layerServer.js';
import { checkLeaks } from '../support/leaks.js';
import { Borrower, build, everyone, LendingMachine } from '../support/lendingMachine.js';
import { newIdentity } from '../support/peers.js';
import { isRunning } from '../support/processes.js';
import { calf, WorkerProcess } from '../support/workerProcess.js';

/** Limit of the issue for noticing a loss, in milliseconds. */
const noticedMs = 3_000;
const question: ChatTurn[] = [{ role: 'user', text: 'Write a function that adds two numbers.' }];
const alone: LoadParams = { model: calf, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote: null };
const gibibyte = 1_024 ** 3;

describe('layers through the tunnel', () => {
  const home = checkLeaks();
  let coordinator: Identity;
  const lost: string[] = [];

  before(async () => {
    coordinator = await newIdentity();
  });
  beforeEach(() => {
    lost.length = 0;
  });

  const lend = async (bytes: number): Promise<{ machine: LendingMachine; tunnel: LayerTunnel }> => {
    const machine = await LendingMachine.open(home, await newIdentity(), layerServerFile);
    const { devices } = await forkLayerServers(layerServerFile, machine.peer.log).probe(false, new AbortController().signal);
    machine.facts = { ...machine.facts, devices };
    machine.lender.share({ ...everyone, memoryLimit: 4 * gibibyte });
    machine.pair(coordinator, 'studio');
    const borrower = await Borrower.connect(home, machine, coordinator);
    const lease = await borrower.lease({ bytes, build });
    const tunnel = await openLayerTunnel({
      connect: (signal) => borrower.layers(signal),
      token: lease.token,
      maxBytes: lease.bytes,
      onLost: (reason) => lost.push(reason),
      clock: systemClock,
      log: new Logger(nullLogSink, 'test'),
    });
    home.atEnd(() => tunnel.dispose());
    return { machine, tunnel };
  };
  const start = (): WorkerProcess => {
    const worker = WorkerProcess.fork();
    home.atEnd(() => worker.stop());
    return worker;
  };
  const onPod = (...tunnels: readonly LayerTunnel[]): LoadParams => ({ ...alone, remote: { endpoints: tunnels.map(({ endpoint }) => endpoint), gpuLayers: 10_000 } });

  it('the answer is the same as alone', async () => {
    const { tunnel, machine } = await lend(gibibyte);
    const worker = start();
    const { layerDevices } = await worker.load(onPod(tunnel));
    assert.deepEqual(layerDevices, Array.from({ length: 7 }, () => 'RPC0'));
    const { text } = await worker.chat({ turns: question });
    const local = start();
    await local.load(alone);
    assert.equal(text, (await local.chat({ turns: question })).text);
    assert.ok(tunnel.traffic.latency > 0 && tunnel.traffic.sentBytes > 10_000_000);
    assert.ok((machine.lender.state.borrower?.usedBytes ?? 0) > 10_000_000);
    assert.deepEqual(lost, []);
  });

  it('llama.cpp splits the layers as the memory is said to be', async () => {
    const [first, second] = [await lend(gibibyte), await lend(gibibyte)];
    first.tunnel.setMemory({ free: 2.5 * gibibyte, total: 7 * gibibyte });
    second.tunnel.setMemory({ free: 4.5 * gibibyte, total: 7 * gibibyte });
    const { layerDevices } = await start().load(onPod(first.tunnel, second.tunnel));
    assert.deepEqual(layerDevices, ['RPC0', 'RPC0', 'RPC0', 'RPC1', 'RPC1', 'RPC1', 'RPC1']);
  });

  it('a lease that is too small makes the load fail, and harms neither worker nor layer server', async () => {
    const { tunnel, machine } = await lend(4_000_000);
    tunnel.setMemory({ free: gibibyte, total: gibibyte });
    const worker = start();
    await assert.rejects(worker.load(onPod(tunnel)));
    assert.ok(isRunning(worker.pid));
    assert.ok(isRunning(machine.servers[0]?.pid ?? -1));
    assert.deepEqual(lost, []);
  });

  it('a layer server that dies in the middle of an answer is noticed, and the worker lives on for the daemon to end it', async () => {
    const { tunnel, machine } = await lend(gibibyte);
    const worker = start();
    await worker.load(onPod(tunnel));
    let killedAt = 0;
    const answer = worker.chat({ turns: question }, {
      onEvent: (event) => {
        if (event.kind !== 'text' || killedAt > 0) return;
        killedAt = performance.now();
        process.kill(machine.servers[0]?.pid ?? -1, 'SIGKILL');
      },
    });
    answer.catch(() => undefined);
    while (lost.length === 0) await setTimeout(5);
    assert.ok(killedAt > 0 && performance.now() - killedAt < noticedMs);
    await setTimeout(100);
    assert.ok(isRunning(worker.pid), 'ggml ends its process when a server goes');
    worker.child.kill('SIGKILL');
    await assert.rejects(answer);
  });
});
