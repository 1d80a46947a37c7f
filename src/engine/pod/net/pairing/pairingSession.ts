import { ErrorCodes, type MessageConnection, ResponseError } from 'vscode-jsonrpc';
import { deferred } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import type { Disposable } from '../../../base/disposable.js';
import { EngineError, type Failure, type PairingRefusal } from '../../../base/errors.js';
import { Emitter, type Event } from '../../../base/event.js';
import type { Logger } from '../../../base/logger.js';
import { pairEndNotification, pairVerdictNotification } from '../../../protocol/peerMessages.js';
import { listen, notify } from '../../../protocol/wire.js';
import { openPeerChannel, type PeerChannel } from '../peers/peerChannel.js';
import type { PeerConnection } from '../peers/peerConnection.js';

/** What the two users compare. */
export interface PairingDialog {
  /** Six decimal digits, equal on both screens unless somebody is in between. */
  readonly digits: string;
  readonly name: string;
  readonly fingerprint: string;
  /** What this user says; only the first time counts. */
  confirm(equal: boolean): void;
  /** Whether the other user has said that they are equal. */
  readonly otherConfirmed: boolean;
}

/** How long machines may take to answer one another, and users to compare, in milliseconds. */
export const answerLimitMs = 10_000;
export const comparingLimitMs = 120_000;
/** A conversation has some 3 kB. Anybody may begin one, so nobody may make it long. */
const maxBytes = 65_536;

export interface PairingSessionOptions {
  readonly connection: PeerConnection;
  /** What failures call the other machine until it has said its name. */
  readonly machine: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One conversation about pairing, the same on either side: it ends well, or with the first failure of either side, and both hear of it. */
export class PairingSession implements Disposable {
  machine: string;
  readonly #channel: PeerChannel;
  readonly #failed = deferred<never>();
  readonly #closed = deferred<void>();
  readonly #bothConfirmed = deferred<void>();
  readonly #overEmitter = new Emitter<void>();
  #timer: Disposable | null = null;
  #over = false;
  #comparing = false;
  #confirmed = false;
  #otherConfirmed = false;

  /** Fires once, however it ends. */
  readonly onOver: Event<void> = this.#overEmitter.event;

  constructor(private readonly options: PairingSessionOptions) {
    this.machine = options.machine;
    this.#channel = openPeerChannel(options.connection.socket, options.log, maxBytes);
    this.#failed.promise.catch(() => undefined);
    this.#channel.onClosed((broken) => {
      this.#closed.resolve();
      if (broken !== null) this.#fail(this.refusal('cheated'));
      else if (!this.#agreed) this.#fail({ code: 'machineUnreachable', machine: this.machine, reason: 'it closed the connection' });
    });
    listen(this.connection, pairEndNotification, ({ reason }) => this.#fail(this.refusal(reason)), () => this.end('cheated'));
    listen(this.connection, pairVerdictNotification, ({ equal }) => this.#hearVerdict(equal), () => this.end('cheated'));
    this.connection.onNotification(() => this.end('cheated'));
    this.connection.onRequest((method) => {
      this.end('cheated');
      return new ResponseError(ErrorCodes.MethodNotFound, method);
    });
    this.#limit(answerLimitMs, { code: 'machineUnreachable', machine: this.machine, reason: 'it does not answer' });
  }

  get connection(): MessageConnection {
    return this.#channel.connection;
  }

  get fingerprint(): string {
    return this.options.connection.fingerprint;
  }

  get over(): boolean {
    return this.#over;
  }

  refusal(reason: PairingRefusal): Failure {
    return { code: 'pairingRefused', machine: this.machine, reason };
  }

  /** Settles with the work, or with the failure that ended the conversation before. */
  during<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise]);
  }

  /** From here on verdicts are in order; the other user may be faster than our own screen. */
  expectVerdict(): void {
    this.#comparing = true;
  }

  get comparing(): boolean {
    return this.#comparing;
  }

  /** Resolves when both users have said that the digits are equal. */
  async compare(facts: { readonly digits: string; readonly name: string }, show: (dialog: PairingDialog) => void): Promise<void> {
    this.#limit(comparingLimitMs, this.refusal('expired'));
    const otherConfirmed = (): boolean => this.#otherConfirmed;
    show({
      ...facts,
      fingerprint: this.fingerprint,
      confirm: (equal) => this.#confirm(equal),
      get otherConfirmed() {
        return otherConfirmed();
      },
    });
    await this.during(this.#bothConfirmed.promise);
  }

  /** Resolves when the other side has closed the connection without a complaint, or says nothing more for a while. */
  async untilClosed(): Promise<void> {
    const silent = deferred<void>();
    this.#replaceTimer(this.options.clock.setTimeout(() => silent.resolve(), answerLimitMs));
    await this.during(Promise.race([this.#closed.promise, silent.promise]));
  }

  /** Ends the conversation and tells the other side why. */
  end(reason: PairingRefusal): void {
    this.fail(this.refusal(reason));
  }

  /** Like `end`, with any failure; the other side hears of it when it is about pairing. */
  fail(failure: Failure): void {
    if (!this.#over && failure.code === 'pairingRefused') notify(this.connection, pairEndNotification, { reason: failure.reason });
    this.#fail(failure);
  }

  /** Hangs up. What was said before still goes out. */
  dispose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.dispose();
    this.#channel.dispose();
    this.#overEmitter.fire();
    this.#overEmitter.dispose();
  }

  #limit(ms: number, failure: Failure): void {
    this.#replaceTimer(this.options.clock.setTimeout(() => this.fail(failure), ms));
  }

  #replaceTimer(timer: Disposable): void {
    this.#timer?.dispose();
    this.#timer = timer;
    if (this.#over) timer.dispose();
  }

  #confirm(equal: boolean): void {
    if (this.#over || this.#confirmed) return;
    this.#confirmed = equal;
    notify(this.connection, pairVerdictNotification, { equal });
    if (!equal) this.#fail(this.refusal('digitsDiffer'));
    this.#settle();
  }

  #hearVerdict(equal: boolean): void {
    if (!this.#comparing || this.#otherConfirmed) this.end('cheated');
    else if (!equal) this.#fail(this.refusal('digitsDiffer'));
    else {
      this.#otherConfirmed = true;
      this.#settle();
    }
  }

  get #agreed(): boolean {
    return this.#confirmed && this.#otherConfirmed;
  }

  #settle(): void {
    if (this.#agreed) this.#bothConfirmed.resolve();
  }

  #fail(failure: Failure): void {
    if (this.#over) return;
    this.dispose();
    this.#failed.reject(new EngineError(failure));
  }
}
