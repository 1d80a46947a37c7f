/** Something that holds a resource until it is disposed. Disposing twice is allowed and does nothing the second time. */
export interface Disposable {
  dispose(): void;
}

/** Called for every store when it is created and when it is disposed; the tests use it to find leaks. */
export interface DisposableTracker {
  created(store: DisposableStore): void;
  disposed(store: DisposableStore): void;
}

let tracker: DisposableTracker | undefined;

/** Installs the leak tracker of a test suite, or removes it. */
export function trackDisposables(value: DisposableTracker | undefined): void {
  tracker = value;
}

/** Makes a disposable of a function; the function runs at most once. */
export function toDisposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      release();
    },
  };
}

/** Owns disposables and releases them together, the last one first. What is added after the end is released at once. */
export class DisposableStore implements Disposable {
  readonly #owned = new Set<Disposable>();
  #disposed = false;

  constructor() {
    tracker?.created(this);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership and hands the same value back, so that creation and ownership are one statement. */
  add<T extends Disposable>(value: T): T {
    if (this.#disposed) value.dispose();
    else this.#owned.add(value);
    return value;
  }

  /** Releases one owned value before the others. */
  release(value: Disposable): void {
    if (this.#owned.delete(value)) value.dispose();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    tracker?.disposed(this);
    const owned = [...this.#owned].reverse();
    this.#owned.clear();
    const errors: unknown[] = [];
    for (const value of owned) {
      try {
        value.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'disposing failed');
  }
}
