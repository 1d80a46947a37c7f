import { deferred } from '../base/async.js';

/** Turns values that are pushed into values that are awaited, in order, until the end or an error. */
export class AsyncQueue<T> {
  readonly #values: T[] = [];
  #end: { readonly error: unknown } | 'finished' | null = null;
  #news = deferred<void>();

  push(value: T): void {
    this.#values.push(value);
    this.#news.resolve();
  }

  /** What was pushed before is still delivered. */
  finish(): void {
    this.#end ??= 'finished';
    this.#news.resolve();
  }

  /** What was pushed before and not yet taken is dropped. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#news.resolve();
  }

  async *values(): AsyncGenerator<T> {
    for (;;) {
      if (this.#end !== null && this.#end !== 'finished') throw this.#end.error;
      const value = this.#values.shift();
      if (value !== undefined) {
        yield value;
        continue;
      }
      if (this.#end === 'finished') return;
      await this.#news.promise;
      this.#news = deferred();
    }
  }
}
