import { deferred } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import type { Disposable } from '../base/disposable.js';
import { EngineError, type Failure, failureOf } from '../base/errors.js';
import { type Origin, originOf, typedSince } from './continuation.js';
import type { DocumentSnapshot } from './snapshot.js';

/** How long a request that nobody waits for goes on, in milliseconds: the next keystroke may want it. */
const graceMs = 150;

export type Followed =
  | { readonly kind: 'finished'; /** The whole text from the origin on. */ readonly text: string }
  /** What was typed is not what the model says. */
  | { readonly kind: 'diverged' }
  /** The follower's own signal, or the request itself, was aborted. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Makes the filtered text; reports what the model says, unfiltered, to `onRaw`. */
export type Produce = (onRaw: (text: string) => void, signal: AbortSignal) => AsyncIterable<string>;

/**
 * One request at the model, which several keystrokes may follow one after the other. Aborted when nobody has followed
 * it for a moment. Nothing here rejects.
 */
export class RunningCompletion {
  readonly origin: Origin;
  readonly #abort = new AbortController();
  readonly #followers = new Set<() => void>();
  #raw = '';
  #end: Exclude<Followed, { kind: 'diverged' }> | null = null;
  #grace: Disposable | null = null;

  constructor(
    readonly snapshot: DocumentSnapshot,
    produce: Produce,
    private readonly clock: Clock,
    private readonly onFinished: (text: string) => void,
  ) {
    this.origin = originOf(snapshot);
    void this.#run(produce);
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  /** What was typed since the request began, or `null` if it is of no use for the snapshot. */
  typedFor(snapshot: DocumentSnapshot): string | null {
    const typed = typedSince(this.origin, snapshot);
    return typed !== null && this.#agrees(typed) ? typed : null;
  }

  /** Settles when the text is there, or as soon as it is known that it does not begin with `typed`. */
  async follow(typed: string, signal: AbortSignal): Promise<Followed> {
    this.#grace?.dispose();
    this.#grace = null;
    const settled = deferred<Followed>();
    const look = (): void => {
      if (signal.aborted) settled.resolve({ kind: 'cancelled' });
      else if (!this.#agrees(typed)) settled.resolve({ kind: 'diverged' });
      else if (this.#end !== null) settled.resolve(this.#end);
    };
    this.#followers.add(look);
    signal.addEventListener('abort', look, { once: true });
    look();
    try {
      return await settled.promise;
    } finally {
      this.#followers.delete(look);
      signal.removeEventListener('abort', look);
      if (this.#followers.size === 0 && !this.ended) this.#grace = this.clock.setTimeout(() => this.abort(), graceMs);
    }
  }

  /** Stops the work in the worker; followers get `cancelled` at once. */
  abort(): void {
    this.#abort.abort();
    this.#finish({ kind: 'cancelled' });
  }

  #agrees(typed: string): boolean {
    if (this.#end?.kind === 'finished') return this.#end.text.startsWith(typed);
    return this.#raw.startsWith(typed) || typed.startsWith(this.#raw);
  }

  async #run(produce: Produce): Promise<void> {
    let text = '';
    try {
      const onRaw = (raw: string): void => {
        this.#raw += raw;
        this.#tell();
      };
      for await (const part of produce(onRaw, this.#abort.signal)) text += part;
    } catch (error) {
      this.#finish(EngineError.is(error, 'cancelled') ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error) });
      return;
    }
    if (this.ended) return;
    this.onFinished(text);
    this.#finish({ kind: 'finished', text });
  }

  #finish(end: Exclude<Followed, { kind: 'diverged' }>): void {
    this.#end ??= end;
    this.#grace?.dispose();
    this.#grace = null;
    this.#tell();
  }

  #tell(): void {
    for (const look of Array.from(this.#followers)) look();
  }
}
