import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import assert from 'node:assert/strict';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { EngineError } from '../../src/engine/base/errors.js';
import { fingerprintOf } from '../../src/engine/pod/net/identity/certificate.js';
import { dialLimitMs, dialPeer } from '../../src/engine/pod/net/peers/dialPeer.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { handshakeLimitMs, listenForPeers, strangerLimits } from '../../src/engine/pod/net/peers/peerListener.js';
import { admission, peerProtocols } from '../../src/engine/protocol/peerMessages.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { cutMs } from '../support/limits.js';
import { ManualClock } from '../support/manualClock.js';
import { closedWithin, dialFor, ListeningPeer, newIdentity, rawDial, untilClosed } from '../support/peers.js';

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

describe('strangers at the door of a machine that listens', () => {
  const home = checkLeaks();
  let here: Identity;
  let there: Identity;
  let peer: ListeningPeer;
  let clock: ManualClock;

  before(async () => {
    [here, there] = await Promise.all([newIdentity(), newIdentity()]);
  });
  beforeEach(async () => {
    clock = new ManualClock();
    peer = await ListeningPeer.open(home, there, clock);
    peer.trusted.add(here.fingerprint);
  });

  /** A paired machine gets in, so what came before cost nothing. */
  async function stillServes(): Promise<void> {
    const before = peer.accepted.length;
    const { socket } = await peer.dial(home, here, 'control');
    assert.equal(peer.accepted.length, before + 1);
    socket.destroy();
  }

  function plain(): net.Socket {
    const socket = net.connect(peer.address);
    socket.on('error', () => undefined);
    home.atEnd(() => void socket.destroy());
    return socket;
  }

  const credentials = (): tls.ConnectionOptions => ({ key: here.privateKey, cert: here.certificate });

  it('bytes that are not TLS end the connection', async () => {
    const socket = plain();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await untilClosed(socket.resume());
    assert.deepEqual(peer.accepted, []);
    await stillServes();
  });

  it('a client of TLS 1.2 is refused, though its key is paired', async () => {
    const socket = rawDial(home, peer.address, { ...credentials(), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    const [error] = await once(socket, 'error');
    assert.match(String(error), /protocol version/i);
    assert.deepEqual(peer.accepted, []);
    await stillServes();
  });

  for (const [name, protocols] of [
    ['of another protocol', ['h2']],
    ['of no protocol', []],
  ] as const) {
    it(`a client ${name} is refused, though its key is paired`, async () => {
      const socket = rawDial(home, peer.address, { ...credentials(), ALPNProtocols: [...protocols] });
      await untilClosed(socket.resume());
      assert.deepEqual(peer.accepted, []);
      await stillServes();
    });
  }

  it('a client without a certificate is refused, for pairing too', async () => {
    for (const protocol of Object.values(peerProtocols)) {
      const socket = rawDial(home, peer.address, { ALPNProtocols: [protocol] });
      await untilClosed(socket.resume());
    }
    assert.deepEqual(peer.accepted, []);
    await stillServes();
  });

  it('a key of another kind is a stranger like any other', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const signingKey = await webcrypto.subtle.importKey('pkcs8', keys.privateKey.export({ type: 'pkcs8', format: 'der' }), rsa, true, ['sign']);
    const publicKey = await webcrypto.subtle.importKey('spki', keys.publicKey.export({ type: 'spki', format: 'der' }), rsa, true, ['verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({ name: 'CN=stranger', keys: { privateKey: signingKey, publicKey }, signingAlgorithm: rsa });
    const stranger = { privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: certificate.toString('pem') };
    await assert.rejects(peer.dial(home, { ...stranger, fingerprint: fingerprintOf(stranger.certificate) }, 'control'), isFailure('notPaired'));
    await stillServes();
  });

  it('an error in what takes over a connection costs that connection alone', async () => {
    const takeOver = peer.onConnection;
    peer.onConnection = () => {
      throw new Error('a defect');
    };
    await assert.rejects(peer.dial(home, here, 'control'), isFailure('machineUnreachable'));
    assert.ok(peer.records.some(({ level, message }) => level === 'error' && message.includes('a defect')));
    peer.onConnection = takeOver;
    await stillServes();
  });

  it('a session cannot be resumed', async () => {
    const first = rawDial(home, peer.address, credentials());
    const [session] = (await once(first, 'session')) as [Buffer];
    const second = rawDial(home, peer.address, { ...credentials(), session });
    await once(second, 'secureConnect');
    assert.equal(second.isSessionReused(), false);
    assert.equal(Number((await once(second, 'data') as [Buffer])[0][0]), admission.admitted);
  });

  it('a connection that sends nothing is cut when its handshake takes too long', async () => {
    const socket = plain();
    await once(socket, 'connect');
    await stillServes();
    await clock.advance(handshakeLimitMs - 1);
    assert.equal(socket.closed, false);
    await clock.advance(1);
    await untilClosed(socket.resume());
    await stillServes();
  });

  it('a handshake that drips in does not get more time', async () => {
    const socket = plain();
    await once(socket, 'connect');
    // The beginning of a ClientHello record that never ends.
    for (const byte of [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) {
      socket.write(Buffer.of(byte));
      await clock.advance(handshakeLimitMs / 6);
    }
    await untilClosed(socket.resume());
    await stillServes();
  });

  it('a flood from one address is refused beyond its share, and a machine gets in as soon as there is room', async () => {
    const flood = Array.from({ length: strangerLimits.perAddress * 4 }, plain);
    await Promise.all(flood.slice(strangerLimits.perAddress).map((socket) => untilClosed(socket.resume())));
    assert.equal(flood.filter((socket) => !socket.closed).length, strangerLimits.perAddress);
    await clock.advance(handshakeLimitMs);
    await Promise.all(flood.map((socket) => untilClosed(socket.resume())));
    await stillServes();
  });

  it('connections of strangers that wait for pairing count until they end, those of paired machines do not', async () => {
    const stranger = await newIdentity();
    const paired = await Promise.all(Array.from({ length: strangerLimits.perAddress }, () => peer.dial(home, here, 'control')));
    for (let more = 0; more < 4; more++) paired.push(await peer.dial(home, here, 'layers'));
    const waiting = [];
    for (let count = 0; count < strangerLimits.perAddress; count++) waiting.push(await peer.dial(home, stranger, 'pair'));
    await assert.rejects(peer.dial(home, stranger, 'pair'), isFailure('machineUnreachable'));
    waiting[0]?.socket.destroy();
    while (peer.accepted.every(({ socket, purpose }) => purpose !== 'pair' || !socket.closed)) await new Promise((resolve) => setImmediate(resolve));
    await stillServes();
    assert.ok(paired.every(({ socket }) => !socket.destroyed));
  });

  it('a refused key that does not go is cut', async () => {
    const stranger = await newIdentity();
    const socket = rawDial(home, peer.address, { key: stranger.privateKey, cert: stranger.certificate, allowHalfOpen: true } as tls.ConnectionOptions);
    await once(socket, 'data');
    await clock.advance(1_000);
    const knocking = setInterval(() => socket.write('and on'), 10);
    await untilClosed(socket).finally(() => clearInterval(knocking));
    assert.deepEqual(peer.accepted, []);
  });

  it('a key that is revoked is cut within a second and gets notPaired from then on', async () => {
    const { socket } = await peer.dial(home, here, 'control');
    peer.trusted.delete(here.fingerprint);
    peer.listener.closeFrom(here.fingerprint);
    await closedWithin(socket.resume(), cutMs);
    await assert.rejects(peer.dial(home, here, 'control'), isFailure('notPaired'));
  });

  it('ending the listener ends every connection and frees the port', async () => {
    const { socket } = await peer.dial(home, here, 'control');
    const halfOpen = plain();
    await once(halfOpen, 'connect');
    const { port } = peer.listener;
    peer.listener.dispose();
    await Promise.all([closedWithin(socket.resume(), cutMs), closedWithin(halfOpen.resume(), cutMs)]);
    const again = await listenForPeers({ port, identity: there, isTrusted: () => false, onConnection: () => undefined, clock, log: peer.log });
    again.dispose();
  });

  it('a port that another program uses is podPortTaken', async () => {
    const { port } = peer.listener;
    const again = listenForPeers({ port, identity: there, isTrusted: () => false, onConnection: () => undefined, clock, log: peer.log });
    await assert.rejects(again, (error) => {
      assert.ok(EngineError.is(error));
      assert.deepEqual(error.failure, { code: 'podPortTaken', port });
      return true;
    });
  });

  describe('what a dialing machine finds', () => {
    it('another key than the pinned one is keyChanged, with both fingerprints', async () => {
      const other = await newIdentity();
      await assert.rejects(peer.dial(home, here, 'control', other.fingerprint), (error) => {
        assert.ok(EngineError.is(error));
        assert.deepEqual(error.failure, { code: 'keyChanged', machine: 'mini', expected: other.fingerprint, actual: there.fingerprint });
        return true;
      });
    });

    it('nobody there is machineUnreachable', async () => {
      const { address } = peer;
      peer.listener.dispose();
      await assert.rejects(dialFor(home, { address, from: here, purpose: 'control', expected: null, signal: new AbortController().signal }), isFailure('machineUnreachable'));
    });

    /** A server that is no machine of the pod. */
    async function serverAt(server: net.Server): Promise<{ host: string; port: number }> {
      const open = new Set<net.Socket>();
      server.on('connection', (socket: net.Socket) => {
        open.add(socket);
        socket.on('error', () => undefined);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      home.atEnd(() => {
        open.forEach((socket) => socket.destroy());
        server.close();
      });
      return { host: '127.0.0.1', port: (server.address() as net.AddressInfo).port };
    }

    const strange: readonly (readonly [string, () => net.Server])[] = [
      ['speaks no TLS', () => net.createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'))],
      ['speaks TLS 1.2 only', () => tls.createServer({ key: there.privateKey, cert: there.certificate, maxVersion: 'TLSv1.2' })],
      ['speaks TLS for something else', () => tls.createServer({ key: there.privateKey, cert: there.certificate })],
      ['lets in with a byte that has no meaning', () => tls.createServer({ key: there.privateKey, cert: there.certificate, ALPNProtocols: [peerProtocols.control] }, (socket) => void socket.write('x'))],
      ['closes at once', () => net.createServer((socket) => void socket.destroy())],
    ];
    for (const [name, make] of strange) {
      it(`a server that ${name} is machineUnreachable`, async () => {
        const address = await serverAt(make());
        await assert.rejects(dialFor(home, { address, from: here, purpose: 'control', expected: null, signal: new AbortController().signal }), isFailure('machineUnreachable'));
      });
    }

    const silent: readonly (readonly [string, () => net.Server])[] = [
      ['never speaks', () => net.createServer((socket) => void socket.resume())],
      ['never says whether it lets in', () => tls.createServer({ key: there.privateKey, cert: there.certificate, ALPNProtocols: [peerProtocols.control] })],
    ];
    for (const [name, make] of silent) {
      it(`a server that ${name} is machineUnreachable when the time is over`, async () => {
        const address = await serverAt(make());
        const dialed = dialPeer({ address, identity: here, purpose: 'control', expected: null, signal: new AbortController().signal, machine: 'mini', clock });
        const refused = assert.rejects(dialed, isFailure('machineUnreachable'));
        await clock.advance(dialLimitMs);
        await refused;
      });

      it(`dialing a server that ${name} can be cancelled`, async () => {
        const address = await serverAt(make());
        const controller = new AbortController();
        const dialed = dialFor(home, { address, from: here, purpose: 'control', expected: null, signal: controller.signal });
        setImmediate(() => controller.abort());
        await assert.rejects(dialed, isFailure('cancelled'));
      });
    }
  });
});
