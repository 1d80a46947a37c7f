/** How many bytes may be allocated at once, over all connections of a lease. */
export class MemoryLimit {
  #used = 0;

  constructor(readonly bytes: number, private readonly onChange: () => void = () => undefined) {}

  get used(): number {
    return this.#used;
  }

  /** Counts an allocation; false where it would exceed the limit, and then nothing is counted. */
  reserve(bytes: number): boolean {
    if (bytes > this.bytes - this.#used) return false;
    this.#used += bytes;
    if (bytes > 0) this.onChange();
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
    if (bytes > 0) this.onChange();
  }
}
