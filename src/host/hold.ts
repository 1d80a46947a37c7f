import type { Disposable } from '../engine/base/disposable.js';

/** Holds something while that is needed, once. */
export class Hold implements Disposable {
  #held: Disposable | undefined;

  constructor(private readonly take: () => Disposable) {}

  set(needed: boolean): void {
    if (needed) this.#held ??= this.take();
    else this.dispose();
  }

  dispose(): void {
    this.#held?.dispose();
    this.#held = undefined;
  }
}
