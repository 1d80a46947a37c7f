import assert from 'node:assert/strict';
import type { Failure } from '../../src/engine/base/errors.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { openPeerChannel, type PeerChannel } from '../../src/engine/pod/net/peers/peerChannel.js';
import { leaseEndedNotification, type PeerFacts, peerHelloRequest, peerLimits, pingRequest } from '../../src/engine/protocol/peerMessages.js';
import { call, listen, notify, serve } from '../../src/engine/protocol/wire.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { aDevice, build } from '../support/lendingMachine.js';
import { ListeningPeer, newIdentity, untilClosed } from '../support/peers.js';
import { until } from '../support/testClient.js';

const own: PeerFacts = { protocolVersion: 1, seekpodVersion: '1', name: 'studio', os: 'test', build, clock: 0, devices: [], offer: { kind: 'refused', reason: 'notSharing' } };

describe('messages between machines', () => {
  const home = checkLeaks();
  let here: Identity;
  let peer: ListeningPeer;
  /** The listening machine's end. */
  let theirs: PeerChannel;
  let overThere: (Failure | null)[];

  before(async () => {
    here = await newIdentity();
  });
  beforeEach(async () => {
    overThere = [];
    peer = await ListeningPeer.open(home, await newIdentity());
    peer.trusted.add(here.fingerprint);
    peer.onConnection = ({ socket }) => {
      theirs = openPeerChannel(socket, peer.log);
      theirs.onClosed((failure) => overThere.push(failure));
      serve(theirs.connection, pingRequest, async () => null);
      theirs.connection.listen();
    };
  });

  async function open(): Promise<{ mine: PeerChannel; socket: Awaited<ReturnType<ListeningPeer['dial']>>['socket'] }> {
    const { socket } = await peer.dial(home, here, 'control');
    return { mine: openPeerChannel(socket, peer.log), socket };
  }

  it('requests are answered', async () => {
    const { mine } = await open();
    mine.connection.listen();
    assert.equal(await call(mine.connection, pingRequest, null), null);
    mine.dispose();
  });

  it('what was said before the end still arrives, then both ends close', async () => {
    const { mine, socket } = await open();
    const heard: string[] = [];
    listen(mine.connection, leaseEndedNotification, ({ id }) => heard.push(id), () => heard.push('damaged'));
    mine.connection.listen();
    for (let id = 0; id < 100; id++) notify(theirs.connection, leaseEndedNotification, { id: String(id), reason: 'x'.repeat(200) });
    theirs.dispose();
    await untilClosed(socket);
    assert.deepEqual(heard, Array.from({ length: 100 }, (_, id) => String(id)));
  });

  it('the end is told once, and fails what is open with connectionLost', async () => {
    const { mine, socket } = await open();
    const ends: (Failure | null)[] = [];
    mine.onClosed((failure) => ends.push(failure));
    mine.connection.listen();
    const asked = call(mine.connection, pingRequest, null);
    socket.destroy();
    await assert.rejects(asked, isFailure('connectionLost'));
    mine.dispose();
    await untilClosed(socket);
    // Told some turns of the loop later, when the last words have been read.
    await until(() => ends.length > 0);
    assert.deepEqual(ends, [null]);
  });

  it('a connection that has gone before is told too', async () => {
    const { socket } = await peer.dial(home, here, 'control');
    socket.destroy();
    await untilClosed(socket);
    await new Promise<void>((resolve) => openPeerChannel(socket, peer.log).onClosed(() => resolve()));
  });

  for (const [name, bytes, code] of [
    ['garbage', '\u0000\u0001', 'invalidMessage'],
    ['text that is not JSON', 'Content-Length: 5\r\n\r\nhello', 'invalidMessage'],
    ['an oversized message', `Content-Length: ${peerLimits.messageBytes + 1}\r\n\r\n`, 'messageTooLarge'],
  ] as const) {
    it(`${name} ends the connection with ${code}`, async () => {
      const { socket } = await peer.dial(home, here, 'control');
      socket.write(bytes);
      await untilClosed(socket.resume());
      assert.deepEqual(overThere.map((failure) => failure?.code), [code]);
      assert.ok(peer.records.some(({ level, message }) => level === 'warn' && message.includes(code)));
    });
  }

  it('a machine that asks on and on without reading the answers is cut off', async () => {
    const { socket } = await peer.dial(home, here, 'control');
    // Large answers fill the buffers in between soon.
    const devices = Array.from({ length: 32 }, () => ({ ...aDevice('ok'), description: 'x'.repeat(250) }));
    serve(theirs.connection, peerHelloRequest, async (facts) => ({ ...facts, devices }));
    const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'peer/hello', params: [{ progressToken: null, body: own }] });
    const many = `Content-Length: ${question.length}\r\n\r\n${question}`.repeat(10);
    const asking = setInterval(() => socket.write(many), 1);
    await untilClosed(socket).finally(() => clearInterval(asking));
    assert.deepEqual(overThere.map((failure) => failure?.code), ['invalidMessage']);
  });
});
