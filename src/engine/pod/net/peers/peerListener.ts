import { constants } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../../base/clock.js';
import { type Disposable, DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError, hasErrorCode, messageOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { admission, peerProtocols } from '../../../protocol/peerMessages.js';
import type { Identity } from '../identity/identity.js';
import { connectionOf, keepAliveMs, type PeerConnection, secureOptions } from './peerConnection.js';
import { StrangerGate } from './strangerGate.js';

export interface PeerListenerOptions {
  /** TCP port; 0 takes any. */
  readonly port: number;
  readonly identity: Identity;
  isTrusted(fingerprint: string): boolean;
  /** Takes over a connection: of a paired machine, or of any for the purpose `pair`. */
  onConnection(connection: PeerConnection): void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface PeerListener extends Disposable {
  readonly port: number;
  /** Cuts every connection of a machine at once. */
  closeFrom(fingerprint: string): void;
}

/** A handshake takes some milliseconds on a LAN. */
export const handshakeLimitMs = 5_000;
/** How long one that is refused may take to read why. */
const refusalLimitMs = 1_000;
const maxConnections = 512;
/** The model's worker opens several connections at once; a machine that is pairing needs one. */
export const strangerLimits = { total: 64, perAddress: 16 };

/**
 * Listens for other machines on every interface, with TLS 1.3 alone. Keys that are not paired get nothing but pairing.
 * @throws EngineError `podPortTaken`
 */
export async function listenForPeers(options: PeerListenerOptions): Promise<PeerListener> {
  const listener = new TlsListener(options);
  try {
    await listener.listen();
  } catch (error) {
    listener.dispose();
    // EACCES: the system keeps the port for itself.
    if (hasErrorCode(error, 'EADDRINUSE', 'EACCES')) throw new EngineError({ code: 'podPortTaken', port: options.port }, { cause: error });
    throw error;
  }
  return listener;
}

/** An accepted connection whose other end is not known yet. */
interface Handshake {
  /** Among the strangers. */
  readonly place: Disposable;
  readonly timer: Disposable;
}

class TlsListener implements PeerListener {
  readonly #store = new DisposableStore();
  readonly #gate = new StrangerGate(strangerLimits);
  readonly #sockets = new Set<net.Socket>();
  readonly #handshakes = new Map<string, Handshake>();
  readonly #connections = new Set<PeerConnection>();
  readonly #server: net.Server;
  readonly #tls: tls.Server;

  constructor(private readonly options: PeerListenerOptions) {
    this.#tls = tls.createServer({
      ...secureOptions(options.identity),
      requestCert: true,
      // Every connection proves its key anew.
      secureOptions: constants.SSL_OP_NO_TICKET,
      ALPNProtocols: Object.values(peerProtocols),
    });
    this.#tls.on('secureConnection', (socket) => this.#admit(socket));
    this.#tls.on('tlsClientError', (error, socket) => {
      options.log.debug(`handshake with ${socket.remoteAddress ?? 'a machine that has gone'} failed: ${error.message}`);
      socket.destroy();
    });
    // Not the server of TLS itself, so that a connection can be refused before it costs a handshake.
    this.#server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs }, (socket) => this.#accept(socket));
    this.#server.maxConnections = maxConnections;
    this.#store.add(toDisposable(() => this.#sockets.forEach((socket) => socket.destroy())));
    this.#store.add(toDisposable(() => this.#server.close()));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.options.port;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.options.port, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.options.log.error(`listening for machines: ${error.message}`));
        resolve();
      });
    });
  }

  closeFrom(fingerprint: string): void {
    for (const connection of Array.from(this.#connections)) {
      if (connection.fingerprint === fingerprint) connection.socket.destroy();
    }
  }

  dispose(): void {
    this.#store.dispose();
  }

  #accept(socket: net.Socket): void {
    socket.on('error', () => undefined);
    const address = socket.remoteAddress;
    const place = address === undefined ? null : this.#gate.enter(address);
    if (place === null) {
      this.options.log.debug(`connection from ${address ?? 'nowhere'} refused: too many are open`);
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const timer = this.options.clock.setTimeout(() => {
      this.options.log.debug(`connection from ${name} cut: its handshake takes too long`);
      socket.destroy();
    }, handshakeLimitMs);
    this.#sockets.add(socket);
    const handshake = { place, timer };
    this.#handshakes.set(name, handshake);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#handshakes.get(name) === handshake) this.#handshakes.delete(name);
      timer.dispose();
      place.dispose();
    });
    this.#tls.emit('connection', socket);
  }

  #admit(socket: tls.TLSSocket): void {
    socket.on('error', () => undefined);
    const name = nameOf(socket);
    const handshake = this.#handshakes.get(name);
    this.#handshakes.delete(name);
    handshake?.timer.dispose();
    const connection = connectionOf(socket);
    if (connection === null || handshake === undefined) {
      this.options.log.debug(`connection from ${name} closed: it shows no key or no purpose`);
      socket.destroy();
      return;
    }
    const trusted = this.options.isTrusted(connection.fingerprint);
    if (!trusted && connection.purpose !== 'pair') {
      this.#refuse(connection);
      return;
    }
    if (trusted) handshake.place.dispose();
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
    socket.write(Buffer.of(admission.admitted));
    try {
      this.options.onConnection(connection);
    } catch (error) {
      this.options.log.error(`connection for ${connection.purpose} from ${name} closed: ${messageOf(error)}`);
      socket.destroy();
    }
  }

  #refuse({ socket, purpose, fingerprint }: PeerConnection): void {
    this.options.log.debug(`connection for ${purpose} from ${socket.remoteAddress ?? 'nowhere'} refused: the key ${fingerprint} is not paired`);
    const timer = this.options.clock.setTimeout(() => socket.destroy(), refusalLimitMs);
    socket.on('close', () => timer.dispose());
    socket.resume();
    socket.end(Buffer.of(admission.notPaired));
  }
}

/** Tells open connections apart: an address and a port are on one of them at a time. */
function nameOf(socket: net.Socket): string {
  return `${socket.remoteAddress ?? ''} port ${socket.remotePort ?? ''}`;
}
