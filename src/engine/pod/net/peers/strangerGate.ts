import { type Disposable, toDisposable } from '../../../base/disposable.js';

export interface StrangerLimits {
  readonly total: number;
  readonly perAddress: number;
}

/** Counts the connections whose other end is not known to be a paired machine, so that a flood of them leaves room for the rest. */
export class StrangerGate {
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  constructor(private readonly limits: StrangerLimits) {}

  /** A place for one more from an address until it is disposed, or `null` when there is none. */
  enter(address: string): Disposable | null {
    const present = this.#perAddress.get(address) ?? 0;
    if (this.#total >= this.limits.total || present >= this.limits.perAddress) return null;
    this.#count(address, 1);
    return toDisposable(() => this.#count(address, -1));
  }

  #count(address: string, by: 1 | -1): void {
    this.#total += by;
    const count = (this.#perAddress.get(address) ?? 0) + by;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }
}
