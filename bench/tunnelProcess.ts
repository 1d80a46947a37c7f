// The processes of a measurement of the tunnel other than the coordinator's; the first argument says which.
//   lender PORT|ENTRY FINGERPRINT CACHE LIMIT
//                       lends a layer server of its own, or what listens on a port, to the machine with the fingerprint, and keeps weights
//   sink                an RPC server that throws tensors away
//   source PORT BYTES   an RPC client that sends so many bytes of tensors; prints the seconds
//   asker PORT COUNT    an RPC client that asks so many times for a byte; prints the median of the seconds
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { deferred } from '../src/engine/base/async.js';
import { systemClock } from '../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../src/engine/base/logger.js';
import { requestHeadBytes, rpcCommands } from '../src/engine/pod/core/guard/rpcTable.js';
import { forkLayerServers, type LayerServers } from '../src/engine/pod/net/lending/layerServerProcess.js';
import { Lender } from '../src/engine/pod/net/lending/lender.js';
import { listenForPeers } from '../src/engine/pod/net/peers/peerListener.js';
import { peerProtocolVersion } from '../src/engine/protocol/peerMessages.js';
import { newIdentity } from '../test/support/peers.js';
import { allocate, allocated, answer, getTensor, hello, helloAnswer, setTensor } from '../test/support/rpcBytes.js';
import { RpcClient } from '../test/support/rpcClient.js';

const log = new Logger(nullLogSink, 'bench');
const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
let finish = (): void => process.exit();
process.on('disconnect', () => finish());

async function lend(target: string, coordinator: string, cacheDirectory: string, cacheLimit: number): Promise<void> {
  const port = Number(target);
  const fixed: LayerServers = {
    probe: () => Promise.reject(new Error('a sink has no devices')),
    serve: async () => {
      const { promise: exited, resolve } = deferred<string>();
      return { port, pid: 0, exited, dispose: () => resolve('') };
    },
  };
  const device = { name: 'CPU', kind: 'cpu' as const, description: '', memoryBytes: os.totalmem(), freeBytes: os.totalmem(), bandwidth: 0, layerOverhead: 0 };
  const lender = new Lender({
    servers: Number.isInteger(port) ? fixed : forkLayerServers(target, log),
    cacheDirectory: path.join(cacheDirectory, 'seekpod-bench-weights'),
    clock: systemClock,
    log,
    facts: () => ({ protocolVersion: peerProtocolVersion, seekpodVersion: '0', name: 'bench', os: '', build: { llama: '', rpcProtocol: '' }, clock: 0, devices: [device] }),
    refresh: async () => undefined,
    freeMemory: os.freemem,
    nameOf: (fingerprint) => fingerprint,
  });
  process.on('exit', () => lender.dispose());
  finish = () => {
    lender.dispose();
    listener.dispose();
    setTimeout(() => process.exit(), 2_000).unref();
  };
  lender.share({ memoryLimit: 0, cpu: true, only: [], port: 0, cacheLimit });
  const identity = await newIdentity();
  const listener = await listenForPeers({
    port: 0,
    identity,
    isTrusted: (fingerprint) => fingerprint === coordinator,
    onConnection(connection) {
      if (connection.purpose === 'control') lender.acceptControl(connection);
      else if (connection.purpose === 'layers') lender.acceptLayers(connection);
      else if (connection.purpose === 'link') lender.acceptLink(connection);
    },
    clock: systemClock,
    log,
  });
  say({ port: listener.port, fingerprint: identity.fingerprint });
}

const numberOf = (name: string): number => rpcCommands.findIndex((command) => command.name === name);
const answers = new Map([
  [numberOf('HELLO'), helloAnswer()],
  [numberOf('ALLOC_BUFFER'), allocated(1, 2 ** 40)],
  [numberOf('GET_TENSOR'), answer(Buffer.alloc(1))],
]);

async function sink(): Promise<void> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    let head: Buffer = Buffer.alloc(0);
    let left = 0;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      let rest = chunk;
      while (rest.length > 0) {
        if (left > 0) {
          const skipped = Math.min(left, rest.length);
          left -= skipped;
          rest = rest.subarray(skipped);
        } else {
          head = Buffer.concat([head, rest.subarray(0, requestHeadBytes - head.length)]);
          rest = rest.subarray(Math.min(rest.length, requestHeadBytes));
          if (head.length < requestHeadBytes) break;
          left = Number(head.readBigUInt64LE(1));
          const reply = answers.get(head[0] ?? 0);
          // All that matters is when the last byte has come, and the last request is a small one.
          if (reply !== undefined) socket.write(reply);
          head = Buffer.alloc(0);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  say({ port: (server.address() as net.AddressInfo).port });
}

async function connect(port: number): Promise<RpcClient> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const client = new RpcClient(socket);
  await client.ask(hello());
  return client;
}

async function asker(port: number, count: number): Promise<void> {
  const client = await connect(port);
  await client.ask(allocate(1));
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await client.ask(getTensor(1));
    times.push((performance.now() - start) / 1_000);
  }
  say({ seconds: times.toSorted((a, b) => a - b)[count >> 1] });
  process.exit();
}

async function source(port: number, bytes: number): Promise<void> {
  const client = await connect(port);
  const { socket } = client;
  const tensor = setTensor(Buffer.alloc(64 * 1_024 * 1_024));
  await client.ask(allocate(tensor.length));
  const start = performance.now();
  for (let sent = 0; sent < bytes; sent += tensor.length) if (!socket.write(tensor)) await once(socket, 'drain');
  await client.ask(getTensor(1));
  say({ seconds: (performance.now() - start) / 1_000, bytes: Math.ceil(bytes / tensor.length) * tensor.length });
  process.exit();
}

const [role, first = '', second = '', third = '', fourth = ''] = process.argv.slice(2);
if (role === 'lender') await lend(first, second, third, Number(fourth));
else if (role === 'sink') await sink();
else if (role === 'asker') await asker(Number(first), Number(second));
else await source(Number(first), Number(second));
