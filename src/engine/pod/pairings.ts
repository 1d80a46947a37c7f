import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import { type Disposable, DisposableStore } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import { Emitter, type Event } from '../base/event.js';
import type { Logger } from '../base/logger.js';
import { addressText } from '../protocol/parseAddress.js';
import type { Address, Pairing } from '../protocol/podTypes.js';
import { addressFirst } from './core/state/addresses.js';
import { askName, askToPair } from './net/pairing/askToPair.js';
import { dialPeer } from './net/peers/dialPeer.js';
import type { Identity } from './net/identity/identity.js';
import { PairingDoor } from './net/pairing/pairingDoor.js';
import { comparingLimitMs, type PairingDialog } from './net/pairing/pairingSession.js';
import type { TrustStore } from './net/identity/trustStore.js';

export interface PairingsOptions {
  readonly identity: Identity;
  readonly trust: TrustStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** What other screens call this machine. */
  name(): string;
}

/** A machine to ask: who it should be, what it is called so far, and where it may be. */
export interface PairingTarget {
  readonly fingerprint: string;
  readonly name: string;
  readonly addresses: readonly Address[];
}

interface Open {
  readonly id: string;
  readonly side: Pairing['side'];
  readonly dialog: PairingDialog;
  readonly expiresAt: number;
  confirmed: boolean;
}

/** The pairings under way, on either side, until both users have spoken. */
export class Pairings implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<void>());
  readonly #open = new Map<string, Open>();
  /** For those who ask to pair with this machine. */
  readonly door: PairingDoor;

  readonly onChange: Event<void> = this.#changed.event;

  constructor(private readonly options: PairingsOptions) {
    const { identity, trust, clock, log, name } = options;
    this.door = this.#store.add(
      new PairingDoor({
        identity,
        name,
        clock,
        log,
        onDialog: (dialog) => this.#begin('asked', dialog),
        onPaired: async (machine) => trust.put({ ...machine, pairedAt: Date.now(), addresses: this.#addressesOf(machine.fingerprint) }),
        onEnded: (dialog) => this.#end(dialog),
      }),
    );
  }

  get list(): Pairing[] {
    return [...this.#open.values()].map(({ id, side, dialog, expiresAt, confirmed }) => ({
      id,
      side,
      name: dialog.name,
      fingerprint: dialog.fingerprint,
      digits: dialog.digits,
      state: confirmed ? 'waiting' : 'compare',
      expiresAt,
    }));
  }

  /** Asks a machine to pair; settles when both users have spoken. @throws EngineError `pairingRefused`, `differentBuild`, `machineUnreachable`, `keyChanged`, `cancelled` */
  async ask({ fingerprint, name: known, addresses }: PairingTarget, signal: AbortSignal): Promise<void> {
    const { identity, trust, clock, log, name } = this.options;
    const { connection, address } = await this.#dialFirst(addresses, fingerprint, known, signal);
    let shown: PairingDialog | null = null;
    try {
      const onDialog = (dialog: PairingDialog): void => {
        shown = dialog;
        this.#begin('asking', dialog);
      };
      const paired = await askToPair({ connection, machine: known, identity, name: name(), onDialog, clock, log, signal });
      await trust.put({ ...paired, pairedAt: Date.now(), addresses: addressFirst(address, addresses) });
    } finally {
      if (shown !== null) this.#end(shown);
    }
  }

  /** Who is at an address. @throws EngineError `machineUnreachable`, `pairingRefused`, `cancelled` */
  async nameAt(address: Address, signal: AbortSignal): Promise<{ readonly fingerprint: string; readonly name: string }> {
    const { identity, clock, log } = this.options;
    const machine = addressText(address);
    const connection = await dialPeer({ address, purpose: 'pair', identity, expected: null, signal, machine });
    return askName({ connection, machine, clock, log, signal });
  }

  /** What this machine's user says about the digits. @throws EngineError `unknownMachine` when the pairing is over */
  confirm(id: string, equal: boolean): void {
    const open = this.#open.get(id);
    if (open === undefined) throw new EngineError({ code: 'unknownMachine', machine: id });
    open.confirmed = true;
    open.dialog.confirm(equal);
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The first address that leads to the machine. */
  async #dialFirst(addresses: readonly Address[], expected: string, machine: string, signal: AbortSignal): Promise<{ readonly connection: Awaited<ReturnType<typeof dialPeer>>; readonly address: Address }> {
    const { identity } = this.options;
    let failure: unknown = new EngineError({ code: 'machineUnreachable', machine, reason: 'no address of it is known' });
    for (const address of addresses) {
      try {
        return { connection: await dialPeer({ address, purpose: 'pair', identity, expected, signal, machine }), address };
      } catch (error) {
        if (EngineError.is(error, 'cancelled')) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  #addressesOf(fingerprint: string): Address[] {
    return this.options.trust.list().find((machine) => machine.fingerprint === fingerprint)?.addresses ?? [];
  }

  #begin(side: Pairing['side'], dialog: PairingDialog): void {
    const id = randomUUID();
    this.#open.set(id, { id, side, dialog, expiresAt: Date.now() + comparingLimitMs, confirmed: false });
    this.#changed.fire();
  }

  #end(dialog: PairingDialog): void {
    for (const open of Array.from(this.#open.values())) if (open.dialog === dialog) this.#open.delete(open.id);
    if (!this.#store.disposed) this.#changed.fire();
  }
}
