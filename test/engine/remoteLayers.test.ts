import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { deferred } from '../../src/engine/base/async.js';
import type { ChatTurn } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams } from '../../src/engine/protocol/workerMessages.js';
import { isFailure } from '../support/failures.js';
import { type LendingServer, LayerServer } from '../support/layerServer.js';
import { checkLeaks } from '../support/leaks.js';
import { isRunning } from '../support/processes.js';
import { type ProxyAnswer, RpcProxy, rpcCommands } from '../support/rpcProxy.js';
import { layeredModel } from '../support/testModels.js';
import { withoutRpcLibrary } from '../support/withoutRpcLibrary.js';
import { calf, WorkerProcess } from '../support/workerProcess.js';

const question: ChatTurn[] = [{ role: 'user', text: 'Write a function that adds two numbers.' }];
const alone: LoadParams = { model: calf, completion: null, chat: { contextSize: 2_048, slots: 1 }, remote: null };
/** Calf's six layers and its output layer. */
const allLayers = 7;
const megabyte = 1_024 * 1_024;

describe('worker: layers on other machines', () => {
  const home = checkLeaks();
  let localText = '';

  const lend = async (): Promise<LendingServer> => {
    const server = await LayerServer.lending();
    home.atEnd(() => server.stop());
    return server;
  };
  const start = (): WorkerProcess => {
    const worker = WorkerProcess.fork();
    home.atEnd(() => worker.stop());
    return worker;
  };
  const proxy = async (server: LendingServer, answers: RpcProxy['answers']): Promise<string> => {
    const between = await RpcProxy.listen(server.port, answers);
    home.atEnd(() => between.close());
    return between.endpoint;
  };
  /** What llama.cpp splits by. */
  const withMemory = (server: LendingServer, bytes: number): Promise<string> =>
    proxy(server, new Map([[rpcCommands.getDeviceMemory, () => BigUint64Array.of(BigInt(bytes), BigInt(bytes))]]));
  const spread = (endpoints: string[], gpuLayers: number): LoadParams => ({ ...alone, remote: { endpoints, gpuLayers } });

  before(async () => {
    const worker = WorkerProcess.fork();
    const { layerDevices } = await worker.load(alone);
    assert.equal(layerDevices, null);
    localText = (await worker.chat({ turns: question })).text;
    await worker.stop();
    assert.notEqual(localText, '');
  });

  it('answer with one machine as alone, with all layers there', async () => {
    const { endpoint } = await lend();
    const worker = start();
    const { chat, layerDevices } = await worker.load(spread([endpoint], allLayers));
    assert.deepEqual(layerDevices, Array.from({ length: allLayers }, () => 'RPC0'));
    assert.equal(chat?.remoteMachines, 1);
    assert.equal(chat.gpuLayers, allLayers);
    assert.equal((await worker.chat({ turns: question })).text, localText);
  });

  it('answer with two machines as alone, split as their memory says, the first layers here', async () => {
    const first = await withMemory(await lend(), 400 * megabyte);
    const second = await withMemory(await lend(), 600 * megabyte);
    const worker = start();
    const { chat, layerDevices } = await worker.load(spread([first, second], 5));
    assert.deepEqual(layerDevices, ['CPU', 'CPU', 'RPC0', 'RPC0', 'RPC1', 'RPC1', 'RPC1']);
    assert.equal(chat?.remoteMachines, 2);
    assert.equal((await worker.chat({ turns: question })).text, localText);
  });

  it('tell how much of a GPU here is free before anybody asks a machine for its memory', async () => {
    const server = await lend();
    const worker = start();
    const heard: string[] = [];
    const answers = new Map([[rpcCommands.getDeviceMemory, () => BigUint64Array.of(1_000_000_000n, 1_000_000_000n)]]);
    const between = await RpcProxy.listen(server.port, answers, (command) => {
      if (command === rpcCommands.getDeviceMemory) heard.push(`asked after ${worker.localMemory.length}`);
    });
    home.atEnd(() => between.close());
    await worker.load(spread([between.endpoint], allLayers));
    assert.deepEqual(worker.localMemory, [0]);
    assert.deepEqual([...new Set(heard)], ['asked after 1']);
  });

  for (const [what, allocation] of [['weights', 0], ['the KV cache', 1], ['compute buffers', 2]] as const) {
    it(`fail to load with a reason when a machine refuses memory for ${what}`, async () => {
      // Its answer to an allocation: no buffer, no bytes.
      const refused: ProxyAnswer = (before) => (before >= allocation ? BigUint64Array.of(0n, 0n) : null);
      const endpoint = await proxy(await lend(), new Map([[rpcCommands.allocate, refused]]));
      const worker = start();
      await assert.rejects(worker.load(spread([endpoint], allLayers)), (error: unknown) => {
        assert.ok(isFailure('loadFailed')(error));
        assert.match(String(error), /allocate/);
        return true;
      });
      assert.ok(isRunning(worker.pid));
    });
  }

  it('end with the worker, and nothing else, when a machine is gone in the middle of an answer', async () => {
    const server = await lend();
    const other = await lend();
    const worker = start();
    // It writes on for long; calf may have written its answer before the signal comes.
    await worker.load({ ...spread([server.endpoint, other.endpoint], allLayers), model: { ...calf, path: layeredModel() } });
    const exited = once(worker.child, 'exit');
    const answer = worker.chat({ turns: question, maxTokens: 1_000 }, { onEvent: ({ kind }) => kind === 'text' && server.child.kill('SIGKILL') });
    await assert.rejects(answer, isFailure('connectionLost'));
    await exited;
    assert.ok(isRunning(other.pid));
  });

  it('can be loaded again from the machine that is left', async () => {
    const { endpoint } = await lend();
    for (let load = 0; load < 2; load++) {
      const worker = start();
      await worker.load(spread([endpoint], allLayers));
      assert.equal((await worker.chat({ turns: question })).text, localText);
      await worker.stop();
    }
  });

  it('are refused with the library that is missing where none could be built, and a model without them is loaded', async () => {
    const place = withoutRpcLibrary();
    home.atEnd(() => fs.rmSync(place, { recursive: true }));
    const startThere = (): WorkerProcess => {
      const worker = WorkerProcess.fork(path.join(place, 'worker.mjs'));
      home.atEnd(() => worker.stop());
      return worker;
    };
    const { endpoint } = await lend();
    const refused = startThere().load(spread([endpoint], allLayers));
    await assert.rejects(refused, (error: unknown) => isFailure('remoteLayersUnavailable')(error) && /libggml-rpc is not in/.test(String(error)));
    const worker = startThere();
    await worker.load(alone);
    assert.equal((await worker.chat({ turns: question })).text, localText);
  });

  it('are cancelled while a machine does not answer', async () => {
    const connected = deferred<void>();
    const sockets: net.Socket[] = [];
    const silent = net.createServer((socket) => {
      sockets.push(socket);
      connected.resolve();
    });
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    home.atEnd(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const controller = new AbortController();
    const load = start().load(spread([`127.0.0.1:${port}`], allLayers), () => undefined, controller.signal);
    await connected.promise;
    controller.abort();
    await assert.rejects(load, isFailure('cancelled'));
  });

  it('are cancelled while they are loaded', async () => {
    const { endpoint } = await lend();
    const worker = start();
    const controller = new AbortController();
    const load = worker.load(spread([endpoint], allLayers), () => controller.abort(), controller.signal);
    await assert.rejects(load, isFailure('cancelled'));
  });
});
