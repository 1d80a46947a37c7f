import { deferred, raceAbort, type Deferred } from '../base/async.js';
import { type Disposable, toDisposable } from '../base/disposable.js';

/** A resource lent to one slot until it is disposed. */
export interface SlotLease<T> extends Disposable {
  readonly resource: T;
}

interface Entry<T> {
  readonly resource: T;
  slot: string | null;
  busy: boolean;
  lastUse: number;
}

interface Waiter<T> {
  readonly slot: string;
  readonly granted: Deferred<SlotLease<T>>;
}

/**
 * Lends a fixed set of resources to slots. A slot gets the resource that it had before, so that its cache is warm;
 * a newcomer gets an unused one, else the one whose slot was used longest ago. A resource in use is never taken away.
 */
export class SlotTable<T> {
  readonly #entries: Entry<T>[];
  #waiters: Waiter<T>[] = [];
  #clock = 0;

  constructor(resources: readonly T[]) {
    this.#entries = resources.map((resource) => ({ resource, slot: null, busy: false, lastUse: 0 }));
  }

  /** Waits its turn; requests of one slot are served in order. Rejects with `cancelled` when the signal is aborted first. */
  async acquire(slot: string, signal: AbortSignal): Promise<SlotLease<T>> {
    const waiter: Waiter<T> = { slot, granted: deferred() };
    this.#waiters.push(waiter);
    this.#grant();
    try {
      return await raceAbort(waiter.granted.promise, signal);
    } catch (error) {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      // Granted in the same turn as the abort: give it back.
      void waiter.granted.promise.then((lease) => lease.dispose());
      throw error;
    }
  }

  #grant(): void {
    const waiting: Waiter<T>[] = [];
    for (const waiter of this.#waiters) {
      const entry = this.#entryFor(waiter.slot);
      if (entry === null) waiting.push(waiter);
      else waiter.granted.resolve(this.#lend(entry, waiter.slot));
    }
    this.#waiters = waiting;
  }

  #entryFor(slot: string): Entry<T> | null {
    const own = this.#entries.find((entry) => entry.slot === slot);
    if (own !== undefined) return own.busy ? null : own;
    const free = this.#entries.filter((entry) => !entry.busy);
    return free.reduce<Entry<T> | null>((oldest, entry) => (oldest === null || entry.lastUse < oldest.lastUse ? entry : oldest), null);
  }

  #lend(entry: Entry<T>, slot: string): SlotLease<T> {
    entry.slot = slot;
    entry.busy = true;
    entry.lastUse = ++this.#clock;
    const release = toDisposable(() => {
      entry.busy = false;
      entry.lastUse = ++this.#clock;
      this.#grant();
    });
    return { resource: entry.resource, dispose: () => release.dispose() };
  }
}
