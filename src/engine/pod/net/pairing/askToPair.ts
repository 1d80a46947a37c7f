import { throwIfAborted } from '../../../base/async.js';
import { EngineError, type Failure, failureOf } from '../../../base/errors.js';
import { pairCommitRequest, pairNameRequest, pairRevealRequest, peerProtocolVersion } from '../../../protocol/peerMessages.js';
import { call, type Request } from '../../../protocol/wire.js';
import { commitmentTo, pairingDigits } from '../../core/pairing/pairingTranscript.js';
import type { Identity } from '../identity/identity.js';
import { newNonce, sha256 } from './pairingHash.js';
import { type PairingDialog, PairingSession, type PairingSessionOptions } from './pairingSession.js';

export interface AskOptions extends PairingSessionOptions {
  /** Withdraws the question. */
  readonly signal: AbortSignal;
}

export interface AskToPairOptions extends AskOptions {
  readonly identity: Identity;
  /** What the other screen calls this machine. */
  readonly name: string;
  /** Both users should compare now. */
  onDialog(dialog: PairingDialog): void;
}

/**
 * Asks the machine at the other end of a `pair` connection to pair; takes over the connection. Answers when both users have confirmed:
 * the fingerprint is that of the key which the connection has proved, and is now to be trusted.
 * @throws EngineError `pairingRefused`, `differentBuild`, `machineUnreachable`, `cancelled`
 */
export function askToPair(options: AskToPairOptions): Promise<{ fingerprint: string; name: string }> {
  const { connection, identity } = options;
  return converse(options, async (session) => {
    const fingerprints = { asking: identity.fingerprint, asked: connection.fingerprint };
    if (fingerprints.asking === fingerprints.asked) throw new EngineError(session.refusal('cheated'));
    const nonce = newNonce();
    const commitment = commitmentTo(sha256, fingerprints, nonce);
    const answer = await ask(session, pairCommitRequest, { protocolVersion: peerProtocolVersion, name: options.name, commitment });
    session.machine = answer.name;
    session.expectVerdict();
    await ask(session, pairRevealRequest, { nonce });
    const digits = pairingDigits(sha256, fingerprints, { asking: nonce, asked: answer.nonce });
    await session.compare({ digits, name: answer.name }, options.onDialog);
    await session.untilClosed();
    return { fingerprint: connection.fingerprint, name: answer.name };
  });
}

/**
 * Asks the machine at the other end of a `pair` connection for its name; takes over the connection.
 * @throws EngineError `pairingRefused`, `machineUnreachable`, `cancelled`
 */
export function askName(options: AskOptions): Promise<{ fingerprint: string; name: string }> {
  return converse(options, async (session) => {
    const answer = await ask(session, pairNameRequest, null);
    if (answer.fingerprint !== session.fingerprint) throw new EngineError(session.refusal('cheated'));
    return answer;
  });
}

/** Runs a conversation to its end; whatever happens, the connection is closed and the other side knows. */
async function converse<T>(options: AskOptions, work: (session: PairingSession) => Promise<T>): Promise<T> {
  const { signal } = options;
  const session = new PairingSession(options);
  const withdraw = (): void => session.end('rejected');
  signal.addEventListener('abort', withdraw, { once: true });
  try {
    throwIfAborted(signal);
    session.connection.listen();
    return await session.during(work(session));
  } catch (error) {
    throw signal.aborted ? new EngineError({ code: 'cancelled' }, { cause: error }) : error;
  } finally {
    signal.removeEventListener('abort', withdraw);
    session.dispose();
  }
}

async function ask<P, R>(session: PairingSession, request: Request<P, R>, params: P): Promise<R> {
  try {
    return await session.during(call(session.connection, request, params));
  } catch (error) {
    throw new EngineError(asFoundHere(session, failureOf(error)), { cause: error });
  }
}

/** A failure that the other side sent: its reason, with our name for the machine; one that has no place here breaks the rules. */
function asFoundHere(session: PairingSession, failure: Failure): Failure {
  switch (failure.code) {
    case 'pairingRefused':
    case 'differentBuild':
    case 'machineUnreachable':
      return { ...failure, machine: session.machine };
    case 'connectionLost':
      return { code: 'machineUnreachable', machine: session.machine, reason: 'it closed the connection' };
    default:
      return session.refusal('cheated');
  }
}
