import assert from 'node:assert/strict';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { type LayerTunnel, openLayerTunnel } from '../../src/engine/pod/net/tunnel/layerTunnel.js';
import { measureLink } from '../../src/engine/pod/net/peers/linkProbe.js';
import type { LeaseResult } from '../../src/engine/protocol/peerMessages.js';
import type { ShareOptions } from '../../src/engine/protocol/podTypes.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { Borrower, build, everyone, LendingMachine } from '../support/lendingMachine.js';
import { cutMs, noticedMs } from '../support/limits.js';
import { closedWithin, newIdentity, untilClosed } from '../support/peers.js';
import { ended, isRunning } from '../support/processes.js';
import { allocate, compute, deviceMemory, getTensor, hello, setTensor, uint64 } from '../support/rpcBytes.js';
import { RpcClient } from '../support/rpcClient.js';

/** Longer than a machine may be silent, in milliseconds. */
const stillMs = 3_000;

describe('lender', () => {
  const home = checkLeaks();
  let [mini, studio, air]: Identity[] = [];
  let machine: LendingMachine;
  let borrower: Borrower;
  const lost: string[] = [];

  before(async () => {
    [mini, studio, air] = await Promise.all([newIdentity(), newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    assert.ok(mini && studio && air);
    lost.length = 0;
    machine = await LendingMachine.open(home, mini);
    machine.pair(studio, 'studio');
    machine.pair(air, 'air');
    borrower = await Borrower.connect(home, machine, studio);
  });

  const tunnel = async (lease: LeaseResult, from = borrower): Promise<LayerTunnel> => {
    const opened = await openLayerTunnel({
      connect: (signal) => from.layers(signal),
      token: lease.token,
      maxBytes: lease.bytes,
      onLost: (reason) => lost.push(reason),
      clock: systemClock,
      log: new Logger(nullLogSink, 'test'),
    });
    home.atEnd(() => opened.dispose());
    return opened;
  };
  const raw = async (token: string): Promise<RpcClient> => {
    const client = new RpcClient((await borrower.layers()).socket);
    client.socket.write(Buffer.from(token, 'hex'));
    return client;
  };
  const second = async (): Promise<Borrower> => {
    assert.ok(air);
    return Borrower.connect(home, machine, air);
  };
  const server = (): number => machine.servers.at(-1)?.pid ?? -1;

  describe('offers', () => {
    it('its device, and as much of it as the limit allows', async () => {
      assert.deepEqual((await borrower.hello()).offer, { kind: 'offered', device: 'ok', bytes: 1_000_000 });
    });

    it('nothing while it does not share', async () => {
      machine.lender.share(null);
      assert.deepEqual((await borrower.hello()).offer, { kind: 'refused', reason: 'notSharing' });
      await assert.rejects(borrower.lease(), isFailure('leaseRefused'));
    });

    it('nothing to a machine that is not named', async () => {
      machine.lender.share({ ...everyone, only: ['air'] });
      assert.deepEqual((await borrower.hello()).offer, { kind: 'refused', reason: 'notAllowed' });
      assert.equal((await (await second()).hello()).offer.kind, 'offered');
    });

    it('nothing without the libraries', async () => {
      machine.facts = { ...machine.facts, build: null };
      assert.deepEqual((await borrower.hello()).offer, { kind: 'refused', reason: 'noLibrary' });
    });

    it('the name of who holds it to others', async () => {
      await borrower.lease();
      assert.deepEqual((await (await second()).hello()).offer, { kind: 'held', holder: 'studio' });
      assert.equal((await borrower.hello()).offer.kind, 'offered');
    });
  });

  describe('leases', () => {
    it('its device, which then answers through the tunnel', async () => {
      const near = await tunnel(await borrower.lease());
      const client = await RpcClient.connect(home, near.endpoint);
      await client.greet();
      near.setMemory({ free: 4, total: 9 });
      assert.deepEqual(await client.ask(deviceMemory), uint64(4, 9));
      assert.notEqual(await client.allocate(600), 0n);
      client.socket.write(setTensor(Buffer.alloc(600)));
      assert.deepEqual(await client.ask(getTensor(600)), Buffer.alloc(600, 600 & 255));
      assert.equal(machine.lender.state.borrower?.usedBytes, 600);
      assert.equal(machine.lender.state.borrower?.name, 'studio');
      assert.ok(near.traffic.sentBytes > 600 && near.traffic.receivedBytes > 600);
      assert.ok(near.traffic.latency > 0);
      assert.deepEqual(lost, []);
    });

    it('only one at a time, and says who has it', async () => {
      await borrower.lease();
      await assert.rejects((await second()).lease(), { failure: { code: 'leaseHeld', machine: 'mini', holder: 'studio' } });
    });

    it('to the next one after a release, with another token', async () => {
      const first = await borrower.lease();
      const pid = server();
      await borrower.release(first.id);
      await ended(pid);
      const next = await (await second()).lease();
      assert.notEqual(next.token, first.token);
      assert.equal(machine.lender.state.borrower?.name, 'air');
    });

    it('anew to the same machine, which may have lost its first connection', async () => {
      await borrower.lease();
      const pid = server();
      assert.ok(studio);
      await (await Borrower.connect(home, machine, studio)).lease();
      assert.ok(!isRunning(pid));
      assert.ok(isRunning(server()));
    });

    it('what was freed by the release before, once the layer server that had it is gone', async () => {
      const gibibyte = 1_024 ** 3;
      machine.lends('ok', 'cpu');
      machine.facts = { ...machine.facts, devices: machine.facts.devices.map((device) => ({ ...device, freeBytes: 8 * gibibyte })) };
      machine.lender.share({ ...everyone, memoryLimit: 0 });
      const bytes = 3 * gibibyte;
      const first = await borrower.lease({ bytes });
      const pid = server();
      Object.defineProperty(machine, 'freeMemory', { get: () => (isRunning(pid) ? 2 : 5) * gibibyte });
      const [, second] = await Promise.all([borrower.release(first.id), borrower.lease({ bytes })]);
      assert.notEqual(second.id, first.id);
      assert.ok(!isRunning(pid));
    });

    it('answers a release when the layer server is gone, so that the next offer is true', async () => {
      const { id } = await borrower.lease();
      const pid = server();
      await borrower.release(id);
      assert.ok(!isRunning(pid));
    });

    it('nothing to a coordinator of another build', async () => {
      const other = { ...build, llama: 'v0.5.0' };
      await assert.rejects(borrower.lease({ build: other }), { failure: { code: 'differentBuild', machine: 'mini', ours: 'llama.cpp v0.5.0, RPC 6.0.0', theirs: 'llama.cpp v0.4.0, RPC 6.0.0' } });
    });

    it('no more than it offers', async () => {
      await assert.rejects(borrower.lease({ bytes: 1_000_001 }), { failure: { code: 'leaseRefused', machine: 'mini', reason: 'noMemory' } });
    });

    it('no more than the device has free at that moment, and offers so much from then on', async () => {
      machine.refresh = () => (machine.facts = { ...machine.facts, devices: machine.facts.devices.map((device) => ({ ...device, freeBytes: 1_000 })) });
      await assert.rejects(borrower.lease({ bytes: 10_000 }), { failure: { code: 'leaseRefused', machine: 'mini', reason: 'noMemory' } });
      assert.deepEqual((await borrower.hello()).offer, { kind: 'offered', device: 'ok', bytes: 950 });
      await borrower.lease({ bytes: 950 });
    });

    it('nothing when the layer server cannot serve, and is free again', async () => {
      machine.lends('dies');
      await assert.rejects(borrower.lease(), isFailure('remoteLayersUnavailable'));
      assert.equal(machine.lender.state.borrower, null);
      machine.lends('ok');
      await borrower.lease();
    });

    it('nothing to a coordinator that has left meanwhile', async () => {
      machine.lends('silent');
      const pending = borrower.lease().catch(() => 'failed');
      while (machine.lender.state.borrower === null) await new Promise((resolve) => setTimeout(resolve, 10));
      borrower.leave();
      assert.equal(await pending, 'failed');
      while (machine.lender.state.borrower !== null) await new Promise((resolve) => setTimeout(resolve, 10));
    });

    it('memory up to what was granted, whatever the other end lets pass', async () => {
      const client = await raw((await borrower.lease({ bytes: 1_000 })).token);
      await client.greet();
      assert.notEqual(await client.allocate(1_000), 0n);
      assert.equal(await client.allocate(1), 0n);
      assert.equal(await client.allocate(2 ** 52), 0n);
      assert.deepEqual(await client.ask(deviceMemory), uint64(0, 1_000));
    });

    it('memory that a connection leaves to the next one', async () => {
      const { token } = await borrower.lease({ bytes: 1_000 });
      const first = await raw(token);
      await first.greet();
      await first.allocate(1_000);
      first.socket.destroy();
      while (machine.lender.state.borrower?.usedBytes !== 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const next = await raw(token);
      await next.greet();
      assert.notEqual(await next.allocate(1_000), 0n);
    });
  });

  describe('ends a lease', () => {
    it('when the coordinator falls silent', async () => {
      await borrower.lease();
      borrower.fallSilent();
      await withinLimit(ended(server()), noticedMs);
      assert.equal(machine.lender.state.borrower, null);
    });

    it('when the control connection closes', async () => {
      await borrower.lease();
      borrower.leave();
      await withinLimit(ended(server()), cutMs);
    });

    it('when sharing stops, and says so', async () => {
      const { id } = await borrower.lease();
      machine.lender.share(null);
      await borrower.ping();
      assert.deepEqual(borrower.ended, [{ id, reason: 'sharing was stopped' }]);
      await ended(server());
    });

    const narrower: readonly (readonly [string, ShareOptions])[] = [
      ['the borrower is no longer named', { ...everyone, only: ['air'] }],
      ['less memory is lent', { ...everyone, memoryLimit: 999 }],
    ];
    for (const [what, options] of narrower) {
      it(`when ${what}`, async () => {
        await borrower.lease();
        machine.lender.share(options);
        await ended(server());
        await borrower.ping();
        assert.equal(borrower.ended.length, 1);
      });
    }

    it('not when it is shared under conditions that allow it', async () => {
      await borrower.lease();
      machine.lender.share({ ...everyone, only: ['studio'], memoryLimit: 2_000 });
      await borrower.ping();
      assert.ok(isRunning(server()));
      assert.deepEqual(borrower.ended, []);
    });

    it('not when it was itself that stood still', async () => {
      await borrower.lease();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stillMs);
      await borrower.ping();
      assert.ok(isRunning(server()));
      assert.equal(machine.lender.state.borrower?.name, 'studio');
    });

    it('when the borrower is no longer paired, with all its connections', async () => {
      const client = await raw((await borrower.lease()).token);
      await client.greet();
      machine.lender.cut(borrower.identity.fingerprint);
      await withinLimit(Promise.all([ended(server()), closedWithin(client.socket, cutMs)]), cutMs);
      await assert.rejects(borrower.ping());
    });

    it('when the layer server dies, which the coordinator hears twice: from the tunnel and by a message', async () => {
      machine.lends('abort');
      const near = await tunnel(await borrower.lease());
      const client = await RpcClient.connect(home, near.endpoint);
      await client.greet();
      client.socket.write(compute);
      await withinLimit(until(() => lost.length > 0 && borrower.ended.length > 0), noticedMs);
      assert.match(borrower.ended[0]?.reason ?? '', /the layer server ended/);
      assert.equal(machine.lender.state.borrower, null);
      assert.ok(!client.socket.closed, 'ggml ends its process when its server goes');
      near.dispose();
      await closedWithin(client.socket, cutMs);
      assert.equal(lost.length, 1);
    });
  });

  describe('refuses on a layers connection', () => {
    it('a wrong token', async () => {
      await borrower.lease();
      const client = await raw('00'.repeat(32));
      client.socket.write(hello());
      await closedWithin(client.socket, cutMs);
      assert.equal(client.unread.length, 0);
    });

    it('the token of a lease that has ended', async () => {
      const first = await borrower.lease();
      await borrower.release(first.id);
      await borrower.lease();
      await closedWithin((await raw(first.token)).socket, cutMs);
    });

    it('another machine, also with the right token', async () => {
      const { token } = await borrower.lease();
      borrower = await second();
      await closedWithin((await raw(token)).socket, cutMs);
    });

    it('a machine without a lease', async () => {
      await closedWithin((await raw('00'.repeat(32))).socket, cutMs);
    });

    it('a token that does not come', async () => {
      await borrower.lease();
      const { socket } = await borrower.layers();
      await untilClosed(socket.resume());
    });

    for (const [what, bytes] of [
      ['garbage', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
      ['a request before HELLO', allocate(1)],
      ['an unknown command', Buffer.concat([hello(), Buffer.of(77)])],
    ] as const) {
      it(`${what}, and the lease goes on`, async () => {
        const { token } = await borrower.lease();
        const client = await raw(token);
        client.socket.write(bytes);
        await closedWithin(client.socket, cutMs);
        const next = await raw(token);
        await next.greet();
      });
    }
  });

  it('cannot do harm with what it says: the tunnel drops it before ggml sees it', async () => {
    machine.lends('lies');
    const near = await tunnel(await borrower.lease());
    const client = await RpcClient.connect(home, near.endpoint);
    await client.greet();
    client.socket.write(allocate(100));
    await until(() => lost.length > 0);
    assert.equal(client.unread.length, 0);
    assert.ok(!client.socket.closed);
  });

  it('is measured by its link', async () => {
    const link = await measureLink((signal) => machine.peer.dial(home, borrower.identity, 'link', machine.peer.identity.fingerprint, signal), () => borrower.ping(), new AbortController().signal);
    assert.ok(link.roundTrip > 0 && link.throughput > 0);
  });

  it('a link connection that sends too much, or too long, is cut', async () => {
    const { socket } = await machine.peer.dial(home, borrower.identity, 'link');
    const block = Buffer.alloc(1_024 * 1_024);
    const send = (): void => {
      while (!socket.destroyed && socket.write(block));
    };
    socket.on('drain', send).on('error', () => undefined).resume();
    send();
    await closedWithin(socket, noticedMs);
    const idle = await machine.peer.dial(home, borrower.identity, 'link');
    await closedWithin(idle.socket.resume(), noticedMs);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function withinLimit<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
