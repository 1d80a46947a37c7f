import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { systemClock } from '../../src/engine/base/clock.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { type LayerTunnel, type LayerTunnelOptions, openLayerTunnel } from '../../src/engine/pod/net/tunnel/layerTunnel.js';
import { measureLink, serveLinkProbe } from '../../src/engine/pod/net/peers/linkProbe.js';
import { isFailure } from '../support/failures.js';
import { DelayProxy } from '../support/delayProxy.js';
import { checkLeaks } from '../support/leaks.js';
import { cutMs } from '../support/limits.js';
import { closedWithin } from '../support/peers.js';
import { allocate, allocated, answer, compute, deviceMemory, getTensor, hello, helloAnswer, recompute, setTensor, uint64 } from '../support/rpcBytes.js';
import { RpcClient } from '../support/rpcClient.js';

const token = 'ab'.repeat(32);
const mebibyte = 1_024 * 1_024;

/** The far end of a tunnel, in this test's hands. */
class FarEnd {
  received: Buffer = Buffer.alloc(0);

  constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (this.received = Buffer.concat([this.received, chunk])));
  }

  async has(bytes: number): Promise<Buffer> {
    await until(() => this.received.length >= bytes);
    return this.received.subarray(0, bytes);
  }
}

describe('tunnel', () => {
  const home = checkLeaks();
  const ends: FarEnd[] = [];
  const lost: string[] = [];
  let port: number;

  beforeEach(async () => {
    ends.length = 0;
    lost.length = 0;
    const server = net.createServer((socket) => {
      ends.push(new FarEnd(socket));
      home.atEnd(() => void socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    home.atEnd(() => void server.close());
    port = (server.address() as net.AddressInfo).port;
  });

  const connect = async (to = port): Promise<{ socket: Socket }> => {
    const socket = net.connect({ port: to, host: '127.0.0.1' });
    await once(socket, 'connect');
    return { socket };
  };
  const open = async (options: Partial<LayerTunnelOptions> = {}): Promise<LayerTunnel> => {
    const tunnel = await openLayerTunnel({
      connect: () => connect(),
      token,
      maxBytes: 1_000,
      onLost: (reason) => lost.push(reason),
      clock: systemClock,
      log: new Logger(nullLogSink, 'test'),
      ...options,
    });
    home.atEnd(() => tunnel.dispose());
    return tunnel;
  };
  /** A tunnel with a client that has greeted, and its far end. */
  const greeted = async (options: Partial<LayerTunnelOptions> = {}): Promise<{ tunnel: LayerTunnel; client: RpcClient; far: FarEnd }> => {
    const tunnel = await open(options);
    const client = await RpcClient.connect(home, tunnel.endpoint);
    client.socket.write(hello());
    await until(() => ends.length > 0);
    const far = ends.at(-1);
    assert.ok(far);
    await far.has(32 + hello().length);
    far.socket.write(helloAnswer());
    await client.answer();
    far.received = Buffer.alloc(0);
    return { tunnel, client, far };
  };

  it('listens on loopback alone', async () => {
    assert.match((await open()).endpoint, /^127\.0\.0\.1:\d+$/);
  });

  it('sends the token of the lease before anything else', async () => {
    const client = await RpcClient.connect(home, (await open()).endpoint);
    client.socket.write(hello(1));
    await until(() => ends.length > 0);
    assert.deepEqual(await ends[0]?.has(32 + hello().length), Buffer.concat([Buffer.from(token, 'hex'), hello(0)]));
  });

  it('answers for the memory as it was last set', async () => {
    const { tunnel, client, far } = await greeted();
    assert.deepEqual(await client.ask(deviceMemory), uint64(1_000, 1_000));
    tunnel.setMemory({ free: 5, total: 7 });
    assert.deepEqual(await client.ask(deviceMemory), uint64(5, 7));
    assert.equal(far.received.length, 0);
  });

  it('serves one connection after another, as ggml opens them', async () => {
    const tunnel = await open();
    for (let i = 1; i <= 3; i++) {
      const client = await RpcClient.connect(home, tunnel.endpoint);
      client.socket.write(hello());
      await until(() => ends.length === i);
      // An answer that comes before its question is a loss.
      await ends.at(-1)?.has(32 + hello().length);
      ends.at(-1)?.socket.write(helloAnswer());
      await client.answer();
      client.socket.destroy();
      await closedWithin(ends.at(-1)?.socket ?? client.socket, cutMs);
    }
    assert.deepEqual(lost, []);
  });

  it('carries much in both directions, whole and in order', async () => {
    const { client, far } = await greeted({ maxBytes: 64 * mebibyte });
    client.socket.write(allocate(32 * mebibyte));
    await far.has(21);
    far.socket.write(allocated(1, 32 * mebibyte));
    await client.answer();
    far.received = Buffer.alloc(0);
    const data = Buffer.from(Array.from({ length: 65_537 }, (_, index) => index % 251));
    const tensor = Buffer.concat(Array.from({ length: 256 }, () => data));
    client.socket.write(setTensor(tensor));
    client.socket.write(getTensor(tensor.length));
    const sent = Buffer.concat([setTensor(tensor), getTensor(tensor.length)]);
    assert.ok((await far.has(sent.length)).equals(sent));
    far.socket.write(answer(tensor));
    assert.ok((await client.answer()).equals(tensor));
  });

  it('does not read on when the other end does not', async () => {
    const { client, far, tunnel } = await greeted({ maxBytes: 1_024 * mebibyte });
    client.socket.write(allocate(512 * mebibyte));
    await far.has(21);
    far.socket.write(allocated(1, 512 * mebibyte));
    await client.answer();
    far.socket.pause();
    client.socket.write(setTensor(Buffer.alloc(256 * mebibyte)));
    let before = -1;
    while (before !== tunnel.traffic.sentBytes) {
      before = tunnel.traffic.sentBytes;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.ok(before < 64 * mebibyte, `${before} bytes are held`);
  });

  for (const [how, leave] of [
    ['closes', (far: FarEnd) => far.socket.end()],
    ['vanishes', (far: FarEnd) => far.socket.resetAndDestroy()],
    ['sends garbage', (far: FarEnd) => far.socket.write('garbage')],
    ['answers what was not asked', (far: FarEnd) => far.socket.write(allocated(1, 1))],
  ] as const) {
    it(`is lost once when the other end ${how}, and the client hears nothing until the disposal`, async () => {
      const { tunnel, client, far } = await greeted();
      client.socket.write(compute);
      leave(far);
      await until(() => lost.length > 0);
      client.socket.write(recompute);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(lost.length, 1);
      assert.equal(client.unread.length, 0);
      assert.ok(!client.socket.closed);
      tunnel.dispose();
      await closedWithin(client.socket, cutMs);
    });
  }

  it('holds also a client that comes after the loss', async () => {
    const { tunnel, far } = await greeted();
    far.socket.destroy();
    await until(() => lost.length > 0);
    const late = await RpcClient.connect(home, tunnel.endpoint);
    late.socket.write(hello());
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(!late.socket.closed);
    assert.equal(ends.length, 1);
  });

  it('is lost when there is no way to the other machine', async () => {
    const tunnel = await open({ connect: () => Promise.reject(new EngineError({ code: 'machineUnreachable', machine: 'mini', reason: 'it is off' })) });
    const client = await RpcClient.connect(home, tunnel.endpoint);
    await until(() => lost.length > 0);
    assert.deepEqual(lost, ['machineUnreachable']);
    assert.ok(!client.socket.closed);
  });

  it('is lost when the other machine does not answer in time', async () => {
    const tunnel = await open({ connect: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))) });
    await RpcClient.connect(home, tunnel.endpoint);
    await until(() => lost.length > 0);
    assert.deepEqual(lost, ['no connection in time']);
  });

  it('a stranger on this machine that sends garbage is cut, and the tunnel goes on', async () => {
    const { tunnel, client, far } = await greeted();
    const stranger = await RpcClient.connect(home, tunnel.endpoint);
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n');
    await closedWithin(stranger.socket, cutMs);
    assert.deepEqual(lost, []);
    client.socket.write(recompute);
    assert.deepEqual(await far.has(recompute.length), recompute);
  });

  it('says nothing of a loss after its disposal', async () => {
    const { tunnel, far } = await greeted();
    tunnel.dispose();
    await closedWithin(far.socket, cutMs);
    assert.deepEqual(lost, []);
  });

  it('closes a connection that is being made when it is disposed', async () => {
    let made: Socket | undefined;
    const tunnel = await open({
      connect: async () => {
        const connection = await connect();
        made = connection.socket;
        tunnel.dispose();
        return connection;
      },
    });
    await RpcClient.connect(home, tunnel.endpoint);
    await until(() => made !== undefined);
    await closedWithin(made ?? new net.Socket(), cutMs);
    assert.deepEqual(lost, []);
  });
});

describe('link probe', () => {
  const home = checkLeaks();

  const link = async (options: { delayMs?: number; bytesPerSecond?: number }): Promise<{ roundTrip: number; throughput: number }> => {
    const server = net.createServer((socket) => serveLinkProbe({ socket }));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    home.atEnd(() => void server.close());
    const proxy = await DelayProxy.open({ target: { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port }, ...options });
    home.atEnd(() => proxy.dispose());
    const open = async (): Promise<{ socket: Socket }> => {
      const socket = net.connect(proxy.address);
      home.atEnd(() => void socket.destroy());
      await once(socket, 'connect');
      return { socket };
    };
    // A control connection's ping, as far as time goes.
    const ping = async (): Promise<void> => {
      const { socket } = await open();
      socket.write(Buffer.alloc(64 * 1_024));
      await once(socket, 'data');
      socket.destroy();
    };
    return measureLink(open, ping, new AbortController().signal);
  };

  it('finds the round trip of a distant link', async () => {
    const { roundTrip } = await link({ delayMs: 20 });
    assert.ok(roundTrip >= 0.04 && roundTrip < 0.4, `${roundTrip} s`);
  });

  it('finds the throughput of a slow link, also of a distant one', async () => {
    for (const delayMs of [0, 20]) {
      const { throughput } = await link({ delayMs, bytesPerSecond: 20e6 });
      assert.ok(throughput > 10e6 && throughput < 30e6, `${throughput} bytes per second at ${delayMs} ms`);
    }
  });

  it('finds more on a fast link than on a slow one', async () => {
    const [slow, fast] = [await link({ bytesPerSecond: 5e6 }), await link({})];
    assert.ok(fast.throughput > 2 * slow.throughput, `${fast.throughput} and ${slow.throughput}`);
  });

  it('fails when the other end closes, or counts what was not sent', async () => {
    for (const behave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.write(uint64(2n ** 50n))]) {
      const server = net.createServer((socket) => {
        socket.on('error', () => undefined).resume();
        behave(socket);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      home.atEnd(() => void server.close());
      const open = async (): Promise<{ socket: Socket }> => {
        const socket = net.connect({ port: (server.address() as net.AddressInfo).port, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        return { socket };
      };
      await assert.rejects(measureLink(open, async () => null, new AbortController().signal), isFailure('connectionLost'));
    }
  });

  it('ends when it is cancelled', async () => {
    const abort = new AbortController();
    const never = (): Promise<never> => new Promise(() => undefined);
    const measuring = measureLink(never, never, abort.signal);
    abort.abort();
    await assert.rejects(measuring, isFailure('cancelled'));
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
