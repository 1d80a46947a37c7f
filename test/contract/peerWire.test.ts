import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { type PeerPurpose, peerProtocols } from '../../src/engine/protocol/peerMessages.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { cutMs } from '../support/limits.js';
import { closedWithin, ListeningPeer, newIdentity } from '../support/peers.js';

const purposes = Object.keys(peerProtocols) as PeerPurpose[];

describe('connections between machines', () => {
  const home = checkLeaks();
  let here: Identity;
  let there: Identity;
  let peer: ListeningPeer;

  before(async () => {
    [here, there] = await Promise.all([newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    peer = await ListeningPeer.open(home, there);
  });

  for (const purpose of purposes) {
    it(`a paired machine is let in for ${purpose}, and both ends know each other's key`, async () => {
      peer.trusted.add(here.fingerprint);
      const connection = await peer.dial(home, here, purpose);
      assert.equal(connection.fingerprint, there.fingerprint);
      assert.equal(connection.purpose, purpose);
      assert.equal(connection.socket.getProtocol(), 'TLSv1.3');
      assert.deepEqual(peer.accepted.map(({ purpose, fingerprint }) => ({ purpose, fingerprint })), [{ purpose, fingerprint: here.fingerprint }]);
    });
  }

  for (const purpose of purposes.filter((name) => name !== 'pair')) {
    it(`a key that is not paired gets notPaired for ${purpose}, and nothing is handed on`, async () => {
      await assert.rejects(peer.dial(home, here, purpose), isFailure('notPaired'));
      assert.deepEqual(peer.accepted, []);
    });
  }

  it('a key that is not paired is let in for pairing', async () => {
    await peer.dial(home, here, 'pair', null);
    assert.deepEqual(peer.accepted.map(({ purpose }) => purpose), ['pair']);
  });

  it('bytes reach the other end whole, the first ones too', async () => {
    peer.trusted.add(here.fingerprint);
    peer.onConnection = ({ socket }) => {
      socket.write('hello');
      socket.pipe(socket);
    };
    const { socket } = await peer.dial(home, here, 'link');
    socket.end(Buffer.alloc(300_000, 7));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    assert.deepEqual(Buffer.concat(chunks), Buffer.concat([Buffer.from('hello'), Buffer.alloc(300_000, 7)]));
  });

  it('closeFrom cuts the connections of one machine and leaves the others', async () => {
    const other = await newIdentity();
    peer.trusted.add(here.fingerprint).add(other.fingerprint);
    const cut = await Promise.all(purposes.map((purpose) => peer.dial(home, here, purpose)));
    const kept = await peer.dial(home, other, 'control');
    peer.listener.closeFrom(here.fingerprint);
    await Promise.all(cut.map(({ socket }) => closedWithin(socket.resume(), cutMs)));
    kept.socket.write('still here');
    const [connection] = peer.accepted.filter(({ fingerprint }) => fingerprint === other.fingerprint);
    assert.ok(connection);
    assert.equal(String((await once(connection.socket, 'data'))[0]), 'still here');
  });
});
