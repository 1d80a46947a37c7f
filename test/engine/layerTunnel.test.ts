import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { forkLayerServers } from '../../src/engine/pod/net/lending/layerServerProcess.js';
import { type LayerTunnel, openLayerTunnel } from '../../src/engine/pod/net/tunnel/layerTunnel.js';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import { ensureSyntheticModel } from '../../bench/syntheticModel.mjs';
import { adapterBytes, calfDown } from '../support/adapters.js';
import { layerServerFile } from '../support/layerServer.js';
import { checkLeaks } from '../support/leaks.js';
import { noticedMs } from '../support/limits.js';
import { Borrower, build, everyone, LendingMachine } from '../support/lendingMachine.js';
import { newIdentity } from '../support/peers.js';
import { isRunning } from '../support/processes.js';
import { calf, WorkerProcess } from '../support/workerProcess.js';

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

  const lend = async (bytes: number, cacheLimit = 0): Promise<{ machine: LendingMachine; tunnel: LayerTunnel; borrower: Borrower; again(): Promise<LayerTunnel> }> => {
    const machine = await LendingMachine.open(home, await newIdentity(), layerServerFile);
    const { devices } = await forkLayerServers(layerServerFile, machine.peer.log).probe(false, new AbortController().signal);
    machine.facts = { ...machine.facts, devices };
    machine.lender.share({ ...everyone, memoryLimit: 4 * gibibyte, cacheLimit });
    machine.pair(coordinator, 'studio');
    const borrower = await Borrower.connect(home, machine, coordinator);
    const again = async (): Promise<LayerTunnel> => {
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
      return tunnel;
    };
    return { machine, borrower, again, tunnel: await again() };
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

  it('an adapter goes where the layers are, and the answer is the same as alone', async () => {
    const { tunnel } = await lend(gibibyte);
    const adapter = path.join(home.runtimeDirectory, 'style.gguf');
    fs.writeFileSync(adapter, adapterBytes([calfDown]));
    const model = { ...calf, lora: [{ path: adapter, scale: 1 }] };
    const worker = start();
    await worker.load({ ...onPod(tunnel), model });
    const { text } = await worker.chat({ turns: question, maxTokens: 24 });
    const local = start();
    await local.load({ ...alone, model });
    assert.equal(text, (await local.chat({ turns: question, maxTokens: 24 })).text);
    assert.notEqual(text, '');
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

  describe('of a model with large tensors', () => {
    let folder: string;
    let params: LoadParams;
    const loadOn = async (tunnel: LayerTunnel): Promise<string> => {
      const worker = start();
      await worker.load({ ...params, remote: { endpoints: [tunnel.endpoint], gpuLayers: 10_000 } });
      const { text } = await worker.chat({ turns: question, maxTokens: 8 });
      await worker.stop();
      return text;
    };
    const kept = (): { name: string; bytes: number }[] =>
      fs.readdirSync(path.join(home.runtimeDirectory, 'weights'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => ({ name, bytes: fs.statSync(path.join(parentPath, name)).size }));

    before(() => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-model-'));
      const file = ensureSyntheticModel(path.join(folder, 'large.gguf'), calf.path, { embedding: 2_048, feedForward: 8_192, blocks: 1, heads: 16, context: 2_048 });
      params = { ...alone, model: { ...calf, path: file } };
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    it('what was sent once is not sent again in the next lease', async () => {
      const { tunnel, machine, borrower, again } = await lend(gibibyte, gibibyte);
      const text = await loadOn(tunnel);
      const first = tunnel.traffic.sentBytes;
      tunnel.dispose();
      const next = await again();
      assert.equal(await loadOn(next), text);
      assert.ok(next.traffic.sentBytes < first / 2, `${next.traffic.sentBytes} bytes after ${first}`);
      assert.equal(machine.servers.length, 2);
      assert.deepEqual(borrower.ended, []);
    });

    it('a tensor that was cut short by the end of the lease is not kept', async () => {
      const { tunnel, machine, again } = await lend(gibibyte, gibibyte);
      const loading = loadOn(tunnel);
      loading.catch(() => undefined);
      while (kept().filter(({ name }) => name !== 'in-use').length === 0) await setTimeout(1);
      process.kill(machine.servers[0]?.pid ?? -1, 'SIGKILL');
      while (machine.lender.state.borrower !== null) await setTimeout(5);
      const next = await again();
      const whole = await loadOn(next);
      const third = await again();
      assert.equal(await loadOn(third), whole);
      assert.ok(kept().filter(({ name }) => name !== 'in-use').every(({ bytes }) => bytes > 10 * 1_024 * 1_024));
    });
  });
});
