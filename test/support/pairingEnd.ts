import { deferred } from '../../src/engine/base/async.js';
import { type Clock, systemClock } from '../../src/engine/base/clock.js';
import type { Failure } from '../../src/engine/base/errors.js';
import { askToPair } from '../../src/engine/pod/net/pairing/askToPair.js';
import type { Identity } from '../../src/engine/pod/net/identity/identity.js';
import { PairingDoor } from '../../src/engine/pod/net/pairing/pairingDoor.js';
import type { PairingDialog } from '../../src/engine/pod/net/pairing/pairingSession.js';
import type { TestHome } from './leaks.js';
import { ListeningPeer } from './peers.js';

/** Values that somebody else waits for, one after the other. */
export class Queue<T> {
  readonly #values: T[] = [];
  readonly #waiting: ((value: T) => void)[] = [];

  put(value: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#values.push(value);
    else next(value);
  }

  async take(): Promise<T> {
    for (const value of this.#values.splice(0, 1)) return value;
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  get size(): number {
    return this.#values.length;
  }
}

/** A machine that can be asked to pair, over real TLS. */
export class AskedMachine {
  readonly dialogs = new Queue<PairingDialog>();
  readonly ended = new Queue<Failure | null>();
  readonly paired: { fingerprint: string; name: string }[] = [];
  /** Stands in the way of `onPaired`. */
  store: () => Promise<void> = () => Promise.resolve();

  private constructor(
    readonly peer: ListeningPeer,
    readonly door: PairingDoor,
  ) {}

  static async open(home: TestHome, identity: Identity, clock: Clock = systemClock): Promise<AskedMachine> {
    const peer = await ListeningPeer.open(home, identity);
    const door = new PairingDoor({
      identity,
      name: () => 'asked machine',
      clock,
      log: peer.log,
      onDialog: (dialog) => machine.dialogs.put(dialog),
      onPaired: async (other) => {
        await machine.store();
        machine.paired.push(other);
      },
      onEnded: (_dialog, failure) => machine.ended.put(failure),
    });
    home.atEnd(() => door.dispose());
    const machine = new AskedMachine(peer, door);
    peer.onConnection = (connection) => door.accept(connection);
    return machine;
  }
}

export interface Asking {
  readonly result: Promise<{ fingerprint: string; name: string }>;
  readonly dialog: Promise<PairingDialog>;
  readonly withdraw: () => void;
}

/** Asks a machine to pair as another one. */
export async function ask(home: TestHome, asked: ListeningPeer, from: Identity, clock: Clock = systemClock): Promise<Asking> {
  const connection = await asked.dial(home, from, 'pair', null);
  const shown = deferred<PairingDialog>();
  const controller = new AbortController();
  const result = askToPair({
    connection,
    identity: from,
    name: 'asking machine',
    machine: 'mini',
    onDialog: (dialog) => shown.resolve(dialog),
    clock,
    log: asked.log,
    signal: controller.signal,
  });
  result.catch(() => undefined);
  return { result, dialog: shown.promise, withdraw: () => controller.abort() };
}
