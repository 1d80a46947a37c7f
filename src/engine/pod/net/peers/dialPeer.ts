import tls from 'node:tls';
import { deferred, raceAbort, throwIfAborted } from '../../../base/async.js';
import { type Clock, systemClock } from '../../../base/clock.js';
import { DisposableStore, toDisposable } from '../../../base/disposable.js';
import { EngineError } from '../../../base/errors.js';
import { admission, type PeerPurpose, peerProtocols } from '../../../protocol/peerMessages.js';
import type { Address } from '../../../protocol/podTypes.js';
import type { Identity } from '../identity/identity.js';
import { connectionOf, keepAliveMs, type PeerConnection, secureOptions } from './peerConnection.js';
import { readBytes } from './readBytes.js';

export interface DialOptions {
  readonly address: Address;
  readonly purpose: PeerPurpose;
  readonly identity: Identity;
  /** The fingerprint that must answer; `null` takes any, for pairing. */
  readonly expected: string | null;
  readonly signal: AbortSignal;
  /** What failures call the machine. */
  readonly machine: string;
  readonly clock?: Clock;
}

/** From the first packet to the other side's word that it lets us in, in milliseconds. */
export const dialLimitMs = 5_000;

/**
 * Opens a connection that the other side has let in. Nothing of its purpose has been read or written yet.
 * @throws EngineError `machineUnreachable`, `keyChanged`, `notPaired` when the other side does not know this machine's key, `cancelled`
 */
export async function dialPeer(options: DialOptions): Promise<PeerConnection> {
  throwIfAborted(options.signal);
  const { address, identity, purpose, machine, clock = systemClock } = options;
  const unreachable = (reason: string): EngineError => new EngineError({ code: 'machineUnreachable', machine, reason });
  const attempt = new DisposableStore();
  const broken = deferred<never>();
  broken.promise.catch(() => undefined);
  const socket = tls.connect({
    ...secureOptions(identity),
    host: address.host,
    port: address.port,
    ALPNProtocols: [peerProtocols[purpose]],
    // No name in the clear: the key says who it is.
    servername: '',
  });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  socket.on('error', (error) => broken.reject(unreachable(error.message)));
  const onClose = (): void => broken.reject(unreachable('it closed the connection'));
  socket.on('close', onClose);
  attempt.add(toDisposable(() => socket.off('close', onClose)));
  attempt.add(clock.setTimeout(() => broken.reject(unreachable('it does not answer')), dialLimitMs));

  const connect = async (): Promise<PeerConnection> => {
    await new Promise<void>((resolve) => socket.once('secureConnect', resolve));
    const connection = connectionOf(socket);
    if (connection?.purpose !== purpose) throw unreachable('it does not speak the language of the pod');
    const { expected } = options;
    if (expected !== null && connection.fingerprint !== expected) throw new EngineError({ code: 'keyChanged', machine, expected, actual: connection.fingerprint });
    const [answer] = await readBytes(socket, 1).catch(() => {
      throw unreachable('it closed the connection');
    });
    if (answer === admission.notPaired) throw new EngineError({ code: 'notPaired', machine });
    if (answer !== admission.admitted) throw unreachable('it does not speak the language of the pod');
    return connection;
  };
  try {
    return await raceAbort(Promise.race([connect(), broken.promise]), options.signal);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    attempt.dispose();
  }
}
