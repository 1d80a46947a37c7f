import tls from 'node:tls';
import type { Clock } from '../../src/engine/base/clock.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, type LogRecord } from '../../src/engine/base/logger.js';
import { fingerprintOf, makeCertificate } from '../../src/engine/pod/net/identity/certificate.js';
import { dialPeer } from '../../src/engine/pod/net/peers/dialPeer.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import type { PeerConnection } from '../../src/engine/pod/net/peers/peerConnection.js';
import { listenForPeers, type PeerListener } from '../../src/engine/pod/net/peers/peerListener.js';
import { type PeerPurpose, peerProtocols } from '../../src/engine/protocol/peerMessages.js';
import type { TestHome } from './leaks.js';

/** A machine of its own: a key that nothing else has. */
export async function newIdentity(): Promise<Identity> {
  const made = await makeCertificate();
  return { ...made, fingerprint: fingerprintOf(made.certificate) };
}

/** A machine that listens on loopback with real TLS, and what it was given. */
export class ListeningPeer {
  readonly trusted = new Set<string>();
  readonly records: LogRecord[] = [];
  readonly accepted: PeerConnection[] = [];
  /** Takes a connection instead of `accepted`. */
  onConnection: (connection: PeerConnection) => void = (connection) => {
    this.accepted.push(connection);
    connection.socket.resume();
  };
  listener!: PeerListener;

  private constructor(readonly identity: Identity) {}

  static async open(home: TestHome, identity: Identity, clock: Clock = systemClock): Promise<ListeningPeer> {
    const peer = new ListeningPeer(identity);
    peer.listener = await listenForPeers({
      port: 0,
      identity,
      isTrusted: (fingerprint) => peer.trusted.has(fingerprint),
      onConnection: (connection) => peer.onConnection(connection),
      clock,
      log: peer.log,
    });
    home.atEnd(() => peer.listener.dispose());
    return peer;
  }

  get log(): Logger {
    return new Logger({ write: (record) => this.records.push(record) }, 'peer');
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.listener.port };
  }

  /** Dials this machine as another one. */
  dial(home: TestHome, from: Identity, purpose: PeerPurpose, expected: string | null = this.identity.fingerprint, signal = new AbortController().signal): Promise<PeerConnection> {
    return dialFor(home, { address: this.address, from, purpose, expected, signal });
  }
}

interface TestDial {
  readonly address: { readonly host: string; readonly port: number };
  readonly from: Identity;
  readonly purpose: PeerPurpose;
  readonly expected: string | null;
  readonly signal: AbortSignal;
}

/** `dialPeer`, closed at the end of the test. */
export async function dialFor(home: TestHome, { address, from, purpose, expected, signal }: TestDial): Promise<PeerConnection> {
  const connection = await dialPeer({ address, purpose, identity: from, expected, signal, machine: 'mini' });
  home.atEnd(() => void connection.socket.destroy());
  return connection;
}

/** A client of TLS that may offer anything. */
export function rawDial(home: TestHome, address: { readonly host: string; readonly port: number }, options: tls.ConnectionOptions): tls.TLSSocket {
  const socket = tls.connect({ ...address, rejectUnauthorized: false, ALPNProtocols: [peerProtocols.control], ...options });
  socket.on('error', () => undefined);
  home.atEnd(() => void socket.destroy());
  return socket;
}

interface Closable {
  readonly closed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** Resolves when a socket is gone. */
export async function untilClosed(socket: Closable): Promise<void> {
  // It is called closed just before it says so.
  if (socket.closed) await new Promise((resolve) => setImmediate(resolve));
  else await new Promise<void>((resolve) => socket.once('close', resolve));
}

/** Fails when a socket is still there after the limit. */
export async function closedWithin(socket: Closable, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a socket is still open after ${limitMs} ms`)), limitMs);
  });
  await Promise.race([untilClosed(socket), late]).finally(() => clearTimeout(timer));
}
