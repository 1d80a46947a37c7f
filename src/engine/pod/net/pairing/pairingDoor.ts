import type { Clock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../../../base/errors.js';
import type { Logger } from '../../../base/logger.js';
import { type PairAnswer, type PairCommit, pairCommitRequest, pairNameRequest, pairRevealRequest, peerProtocolVersion } from '../../../protocol/peerMessages.js';
import { serve } from '../../../protocol/wire.js';
import { admitAttempt } from '../../core/pairing/attemptLimit.js';
import { commitmentTo, pairingDigits } from '../../core/pairing/pairingTranscript.js';
import type { Identity } from '../identity/identity.js';
import { newNonce, sha256 } from './pairingHash.js';
import { type PairingDialog, PairingSession } from './pairingSession.js';
import type { PeerConnection } from '../peers/peerConnection.js';

export interface PairingDoorOptions {
  readonly identity: Identity;
  /** What other screens call this machine. */
  name(): string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Both users should compare now. */
  onDialog(dialog: PairingDialog): void;
  /** Both users have confirmed: the key is to be trusted from now on. */
  onPaired(machine: { fingerprint: string; name: string }): Promise<void>;
  /** A dialog is over; `null` when the machines are paired. */
  onEnded(dialog: PairingDialog, failure: Failure | null): void;
}

/** Each attempt that is let in may show a dialog, and has one chance in a million to be taken for another machine. */
export const attemptLimit = { count: 5, within: 60_000 };
const maxNameRequests = 3;

/** Somebody who has asked to pair, and has told the commitment to a nonce. */
interface Attempt {
  readonly session: PairingSession;
  readonly name: string;
  readonly commitment: string;
  readonly nonce: string;
}

/** Answers machines that ask to pair: one at a time, and some a minute. */
export class PairingDoor implements Disposable {
  readonly #sessions = new Set<PairingSession>();
  #attempts: readonly number[] = [];
  #present: Attempt | null = null;
  #disposed = false;

  constructor(private readonly options: PairingDoorOptions) {}

  /** Takes over a `pair` connection. */
  accept(connection: PeerConnection): void {
    const { clock, log } = this.options;
    if (this.#disposed) {
      connection.socket.destroy();
      return;
    }
    const machine = connection.fingerprint.slice(0, 16);
    const session = new PairingSession({ connection, machine, clock, log });
    this.#sessions.add(session);
    let nameRequests = 0;
    serve(session.connection, pairNameRequest, async () => {
      if (++nameRequests > maxNameRequests) throw this.#cheated(session);
      return { name: this.options.name(), fingerprint: this.options.identity.fingerprint };
    });
    const whileOpen = <T>(answer: () => T): T => {
      // What was sent in one go with what ended the conversation.
      if (session.over) throw new EngineError(session.refusal('rejected'));
      return answer();
    };
    serve(session.connection, pairCommitRequest, async (commit) => whileOpen(() => this.#commit(session, commit)));
    serve(session.connection, pairRevealRequest, async ({ nonce }) => whileOpen(() => this.#reveal(session, nonce)));
    session.onOver(() => {
      this.#sessions.delete(session);
      if (this.#present?.session === session) this.#present = null;
    });
    session.connection.listen();
  }

  dispose(): void {
    this.#disposed = true;
    for (const session of Array.from(this.#sessions)) session.end('notSharing');
  }

  #commit(session: PairingSession, { protocolVersion, name, commitment }: PairCommit): PairAnswer {
    const { identity, clock } = this.options;
    if (session.fingerprint === identity.fingerprint || this.#present?.session === session) throw this.#cheated(session);
    if (protocolVersion !== peerProtocolVersion) {
      // In the words of the one who asks.
      throw this.#turnAway(session, { code: 'differentBuild', machine: this.options.name(), ours: `protocol ${protocolVersion}`, theirs: `protocol ${peerProtocolVersion}` });
    }
    // The same machine once more has forgotten its earlier attempt.
    if (this.#present?.session.fingerprint === session.fingerprint) this.#present.session.end('rejected');
    if (this.#present !== null) throw this.#turnAway(session, session.refusal('busy'));
    const attempts = admitAttempt(attemptLimit, this.#attempts, clock.now());
    if (attempts === null) throw this.#turnAway(session, session.refusal('tooMany'));
    this.#attempts = attempts;
    session.machine = name;
    this.#present = { session, name, commitment, nonce: newNonce() };
    return { name: this.options.name(), nonce: this.#present.nonce };
  }

  #reveal(session: PairingSession, nonce: string): null {
    const attempt = this.#present;
    const fingerprints = { asking: session.fingerprint, asked: this.options.identity.fingerprint };
    if (attempt?.session !== session || session.comparing || commitmentTo(sha256, fingerprints, nonce) !== attempt.commitment) throw this.#cheated(session);
    session.expectVerdict();
    const digits = pairingDigits(sha256, fingerprints, { asking: nonce, asked: attempt.nonce });
    void this.#compare(attempt, digits);
    return null;
  }

  async #compare({ session, name }: Attempt, digits: string): Promise<void> {
    const { onDialog, onPaired, onEnded, log } = this.options;
    let shown: PairingDialog | null = null;
    let failure: Failure | null = null;
    try {
      await session.compare({ digits, name }, (dialog) => {
        shown = dialog;
        onDialog(dialog);
      });
      await onPaired({ fingerprint: session.fingerprint, name });
    } catch (error) {
      failure = failureOf(error);
      session.end('rejected');
    }
    session.dispose();
    log.info(`pairing with ${session.fingerprint} ended: ${failure === null ? 'paired' : JSON.stringify(failure)}`);
    if (shown !== null) onEnded(shown, failure);
  }

  /** Says why in the answer, and hangs up. */
  #turnAway(session: PairingSession, failure: Failure): EngineError {
    this.options.log.debug(`${session.fingerprint} may not pair: ${failure.code === 'pairingRefused' ? failure.reason : failure.code}`);
    session.fail(failure);
    return new EngineError(failure);
  }

  #cheated(session: PairingSession): EngineError {
    return this.#turnAway(session, session.refusal('cheated'));
  }
}
