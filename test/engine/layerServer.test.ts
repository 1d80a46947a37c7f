import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { probeRequest, serveLayersRequest } from '../../src/engine/protocol/layerServerMessages.js';
import { isFailure } from '../support/failures.js';
import { freePort, layerServerFile, LayerServer } from '../support/layerServer.js';
import { checkLeaks } from '../support/leaks.js';
import { ended, isRunning } from '../support/processes.js';
import { withoutRpcLibrary } from '../support/withoutRpcLibrary.js';

/** The first message of a client of ggml's RPC: HELLO (14) with 24 bytes of what its transport can do, none of it here. */
async function greet(port: number): Promise<Buffer> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const length = 24;
  const message = Buffer.alloc(9 + length);
  message.writeUInt8(14, 0);
  message.writeBigUInt64LE(BigInt(length), 1);
  socket.write(message);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  assert.ok(Buffer.isBuffer(answer));
  return answer.subarray(8);
}

describe('layer server', () => {
  const home = checkLeaks();
  const fork = (): LayerServer => {
    const server = LayerServer.fork();
    home.atEnd(() => server.stop());
    return server;
  };

  it('says its devices, the processor last, and its build', async () => {
    const { build, devices } = await fork().probe(false);
    const pinned: { release: string } = JSON.parse(fs.readFileSync('node_modules/node-llama-cpp/llama/binariesGithubRelease.json', 'utf8'));
    // With the digest of our patches behind it.
    assert.deepEqual(build.llama.split('-').map((part, index) => (index === 0 ? part : part.length)), [pinned.release, 8]);
    const processor = devices.at(-1);
    assert.ok(processor !== undefined);
    assert.deepEqual([processor.name, processor.kind, processor.bandwidth, processor.layerOverhead], ['CPU', 'cpu', 0, 0]);
    assert.notEqual(processor.description, '');
    assert.ok(processor.freeBytes > 0 && processor.freeBytes <= processor.memoryBytes);
    assert.ok(devices.slice(0, -1).every(({ kind }) => kind === 'gpu'));
  });

  it('measures how fast each device decodes', async () => {
    const { devices } = await fork().probe(true);
    for (const { bandwidth, layerOverhead } of devices) {
      // From the slowest memory in use to beyond the fastest there is, and less than a tenth of a second per layer.
      assert.ok(bandwidth > 1e8 && bandwidth < 1e13, `${bandwidth} bytes per second`);
      assert.ok(layerOverhead >= 0 && layerOverhead < 0.1, `${layerOverhead} s`);
    }
  });

  it('speaks the protocol that its build names', async () => {
    const server = await LayerServer.lending();
    home.atEnd(() => server.stop());
    const { build } = await server.probe(false);
    assert.equal((await greet(server.port)).subarray(0, 3).join('.'), build.rpcProtocol);
  });

  it('listens when it has answered, on loopback only, and hears more requests', async () => {
    const server = await LayerServer.lending();
    home.atEnd(() => server.stop());
    const others = Object.values(os.networkInterfaces()).flatMap((entries) => entries ?? []).filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      const socket = net.connect(server.port, address);
      await assert.rejects(once(socket, 'connect'), /ECONNREFUSED/);
    }
    assert.equal((await server.probe(false)).devices.at(-1)?.name, 'CPU');
  });

  it('refuses a device that is not there', async () => {
    await assert.rejects(fork().serve({ device: 'Nothing0', port: await freePort(), threads: 1, cacheDirectory: null }), isFailure('remoteLayersUnavailable'));
  });

  it('says so when its port is taken', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    home.atEnd(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await assert.rejects(fork().serve({ device: 'CPU', port, threads: 1, cacheDirectory: null }), isFailure('remoteLayersUnavailable'));
  });

  it('says what is missing where libggml-rpc was not built', async () => {
    const place = withoutRpcLibrary();
    home.atEnd(() => fs.rmSync(place, { recursive: true }));
    const server = LayerServer.fork(path.join(place, 'layerServer.cjs'));
    home.atEnd(() => server.stop());
    await assert.rejects(server.probe(false), (error: unknown) => isFailure('remoteLayersUnavailable')(error) && /libggml-rpc is not in/.test(String(error)));
  });

  describe('whose parent is killed', () => {
    let parent: ChildProcess | undefined;
    afterEach(() => parent?.kill('SIGKILL'));

    /** A parent that forks a layer server, asks it one thing and does nothing else; answers the server's pid, after the answer if it waits for that. */
    const start = async (ask: { method: string; body: unknown } | null, waits: boolean): Promise<number> => {
      const program = `
        const child = require('node:child_process').fork(${JSON.stringify(layerServerFile)}, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
        const ask = ${JSON.stringify(ask)};
        child.on('message', (message) => console.log('result' in message ? 'answered' : 'failed'));
        if (ask) child.send({ jsonrpc: '2.0', id: 1, method: ask.method, params: [{ progressToken: null, body: ask.body }] });
        console.log(child.pid);
      `;
      parent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      assert.ok(parent.stdout);
      let pid = 0;
      for await (const line of createInterface({ input: parent.stdout })) {
        if (pid === 0) pid = Number(line);
        else assert.equal(line, 'answered');
        if (!waits || line === 'answered') break;
      }
      assert.ok(isRunning(pid));
      return pid;
    };

    it('ends before it is asked anything', async () => {
      const pid = await start(null, false);
      parent?.kill('SIGKILL');
      await ended(pid);
    });

    it('ends while it measures', async () => {
      const pid = await start({ method: probeRequest.method, body: { measure: true } }, false);
      parent?.kill('SIGKILL');
      await ended(pid);
    });

    it('ends while it serves a client', async () => {
      const port = await freePort();
      const pid = await start({ method: serveLayersRequest.method, body: { device: 'CPU', port, threads: 1, cacheDirectory: null } }, true);
      const client = net.connect(port, '127.0.0.1');
      await once(client, 'connect');
      const closed = new Promise((resolve) => client.once('close', resolve));
      client.on('error', () => undefined);
      parent?.kill('SIGKILL');
      await ended(pid);
      await closed;
    });
  });
});
