import { type Disposable, toDisposable } from './disposable.js';

/** Subscribe to something that happens more than once; disposing the result ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The sending end of an event. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return toDisposable(() => this.#listeners.delete(own));
  };

  fire(value: T): void {
    const errors: unknown[] = [];
    for (const listener of Array.from(this.#listeners)) {
      try {
        listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'several listeners failed');
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
