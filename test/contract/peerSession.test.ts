import assert from 'node:assert/strict';
import type { FailureCode } from '../../src/engine/base/errors.js';
import { EngineError } from '../../src/engine/base/errors.js';
import { openPeerChannel } from '../../src/engine/pod/net/peers/peerChannel.js';
import { PeerSession } from '../../src/engine/pod/net/peers/peerSession.js';
import { RemoteMachine } from '../../src/engine/pod/net/peers/remoteMachine.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import type { PeerFacts } from '../../src/engine/protocol/peerMessages.js';
import { heartbeatMs, leaseRequest, releaseRequest, silenceMs } from '../../src/engine/protocol/peerMessages.js';
import { serve } from '../../src/engine/protocol/wire.js';
import { checkLeaks } from '../support/leaks.js';
import { build, LendingMachine } from '../support/lendingMachine.js';
import { ManualClock, settle } from '../support/manualClock.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { ListeningPeer, newIdentity } from '../support/peers.js';
import { until } from '../support/testClient.js';

const signal = new AbortController().signal;
const own: PeerFacts = { protocolVersion: 1, seekpodVersion: '1', name: 'studio', os: 'test', build, clock: 0, devices: [], offer: { kind: 'refused', reason: 'notSharing' } };
const withCode = (code: FailureCode) => (error: unknown) => EngineError.is(error, code);
const params = { build, bytes: 1_000, model: 'A' };

describe('a coordinator and a machine', () => {
  const home = checkLeaks();
  let us: Identity;
  let them: Identity;

  before(async () => {
    [us, them] = await Promise.all([newIdentity(), newIdentity()]);
  });

  describe('over one control connection', () => {
    async function open(peer: ListeningPeer, clock = new ManualClock()): Promise<{ session: PeerSession; clock: ManualClock; lost: string[]; ended: string[] }> {
      peer.trusted.add(us.fingerprint);
      const [lost, ended]: [string[], string[]] = [[], []];
      const session = new PeerSession({
        connection: await peer.dial(home, us, 'control'),
        clock,
        log: peer.log,
        facts: () => own,
        onLost: (reason) => lost.push(reason),
        onLeaseEnded: (_id, reason) => ended.push(reason),
      });
      home.atEnd(() => session.dispose());
      return { session, clock, lost, ended };
    }

    it('both hear about each other', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const { session } = await open(machine.peer);
      const facts = await session.hello(signal);
      assert.equal(facts.name, 'mini');
      assert.ok(facts.offer.kind === 'offered' && facts.offer.device === 'ok');
    });

    it('a machine that says nothing is lost after the time of silence, once', async () => {
      // It accepts connections and never answers.
      const peer = await ListeningPeer.open(home, them);
      const { clock, lost, session } = await open(peer);
      const asked = session.hello(signal);
      asked.catch(() => undefined);
      await clock.advance(silenceMs - 1);
      assert.deepEqual(lost, []);
      await clock.advance(1);
      assert.deepEqual(lost, ['it has said nothing for 2.5 seconds']);
      await assert.rejects(asked, withCode('connectionLost'));
      await clock.advance(10 * silenceMs);
      assert.equal(lost.length, 1);
    });

    it('one that answers the heartbeat is not', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const { clock, lost, session } = await open(machine.peer);
      for (let i = 0; i < 20; i++) {
        await clock.advance(heartbeatMs);
        await session.ping(signal);
      }
      assert.deepEqual(lost, []);
    });

    it('time in which this process stood still is not the other’s silence', async () => {
      const peer = await ListeningPeer.open(home, them);
      const { clock, lost } = await open(peer);
      clock.standStill(60_000);
      await clock.advance(heartbeatMs);
      assert.deepEqual(lost, []);
      await clock.advance(silenceMs);
      assert.equal(lost.length, 1);
    });

    it('a machine that closes the connection is lost at once', async () => {
      const peer = await ListeningPeer.open(home, them);
      const { lost } = await open(peer);
      await until(() => peer.accepted.length === 1);
      peer.accepted[0]?.socket.destroy();
      await until(() => lost.length === 1);
      assert.deepEqual(lost, ['it closed the connection']);
    });

    it('a session that was disposed loses nobody', async () => {
      const peer = await ListeningPeer.open(home, them);
      const { session, clock, lost } = await open(peer);
      session.dispose();
      await clock.advance(10 * silenceMs);
      await settle();
      assert.deepEqual(lost, []);
    });

    it('a lease is granted, refused to a second one, ended by the lender with a reason, and released', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const first = await open(machine.peer);
      const lease = await first.session.lease(params, signal);
      assert.equal(lease.bytes, 1_000);
      await assert.rejects(first.session.lease({ ...params, build: { ...build, llama: 'v9' } }, signal), withCode('differentBuild'));
      machine.lender.share(null);
      await until(() => first.ended.length === 1);
      assert.deepEqual(first.ended, ['sharing was stopped']);
      await assert.rejects(first.session.lease(params, signal), withCode('leaseRefused'));
      await first.session.release(lease.id);
    });

    it('asking can be given up', async () => {
      const peer = await ListeningPeer.open(home, them);
      const { session } = await open(peer);
      const stopping = new AbortController();
      const asked = session.hello(stopping.signal);
      stopping.abort();
      await assert.rejects(asked, withCode('cancelled'));
    });
  });

  describe('over several addresses', () => {
    function remote({ log }: ListeningPeer): { readonly remote: RemoteMachine; readonly lost: string[]; readonly revoked: string[] } {
      const [lost, revoked]: [string[], string[]] = [[], []];
      const made = new RemoteMachine({
        fingerprint: them.fingerprint,
        identity: us,
        clock: systemClock,
        log,
        name: () => 'mini',
        facts: () => own,
        onLost: (reason) => lost.push(reason),
        onRevoked: (reason) => revoked.push(reason),
        onTunnelBroke: (reason) => revoked.push(`tunnel: ${reason}`),
      });
      home.atEnd(() => made.dispose());
      return { remote: made, lost, revoked };
    }

    it('those that answer are measured, and one stays', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const { port } = machine.peer.address;
      const { remote: mini } = remote(machine.peer);
      await mini.connect([{ host: '127.0.0.1', port: 1 }, { host: '127.0.0.1', port }, { host: '::1', port }]);
      const link = await mini.measure();
      assert.ok(['127.0.0.1', '::1'].includes(link.address.host) && link.address.port === port);
      assert.ok(link.roundTrip > 0 && link.throughput > 0);
      assert.equal((await mini.greet()).name, 'mini');
    });

    it('why none led to it is said: another key at the address', async () => {
      const other = await ListeningPeer.open(home, await newIdentity());
      const machine = await LendingMachine.open(home, them);
      const { remote: mini } = remote(machine.peer);
      await assert.rejects(mini.connect([{ host: '127.0.0.1', port: 1 }, other.address]), withCode('keyChanged'));
      await assert.rejects(mini.connect([machine.peer.address]), withCode('notPaired'));
      await assert.rejects(mini.connect([]), withCode('machineUnreachable'));
    });

    it('a lease and its tunnel are there until they are given back', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const { remote: mini, lost, revoked } = remote(machine.peer);
      await mini.connect([machine.peer.address]);
      await mini.lease(params);
      await mini.openTunnel();
      assert.match(mini.endpoint ?? '', /^127\.0\.0\.1:\d+$/);
      assert.equal(mini.traffic?.sentBytes, 0);
      assert.notEqual(machine.lender.state.borrower, null);
      mini.closeTunnel();
      await mini.release();
      assert.equal(machine.lender.state.borrower, null);
      assert.deepEqual([mini.endpoint, lost, revoked], [null, [], []]);
    });

    it('a lender that grants less than was asked for is refused, and has its lease back', async () => {
      const peer = await ListeningPeer.open(home, them);
      peer.trusted.add(us.fingerprint);
      const released: string[] = [];
      peer.onConnection = ({ socket }) => {
        const { connection, dispose } = openPeerChannel(socket, peer.log);
        home.atEnd(dispose);
        serve(connection, leaseRequest, async ({ bytes }) => ({ id: 'a', token: '0'.repeat(64), bytes: bytes - 1 }));
        serve(connection, releaseRequest, async ({ id }) => {
          released.push(id);
          return null;
        });
        connection.listen();
      };
      const { remote: mini } = remote(peer);
      await mini.connect([peer.address]);
      await assert.rejects(mini.lease(params), { failure: { code: 'leaseRefused', machine: 'mini', reason: 'noMemory' } });
      assert.deepEqual(released, ['a']);
      await assert.rejects(mini.openTunnel(), withCode('connectionLost'));
    });

    it('a lease that the lender ends is revoked, and the machine stays connected', async () => {
      const machine = await LendingMachine.open(home, them);
      machine.pair(us, 'studio');
      const { remote: mini, lost, revoked } = remote(machine.peer);
      await mini.connect([machine.peer.address]);
      await mini.lease(params);
      machine.lender.share(null);
      await until(() => revoked.length > 0);
      assert.deepEqual([lost, revoked], [[], ['sharing was stopped']]);
      assert.equal((await mini.greet()).offer.kind, 'refused');
    });
  });
});
