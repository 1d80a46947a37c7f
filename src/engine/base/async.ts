import type { Clock } from './clock.js';
import type { Disposable } from './disposable.js';
import { EngineError } from './errors.js';

/** A promise together with the means to settle it from outside. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Throws the `cancelled` failure when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new EngineError({ code: 'cancelled' });
}

/** A signal that is aborted as soon as one of several is. Dispose it when the work is over: long-lived signals would hold it. */
export function linkSignals(...signals: readonly AbortSignal[]): { readonly signal: AbortSignal; abort(): void } & Disposable {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of signals) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    abort,
    dispose() {
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
}

/** Settles with `promise`, or rejects with `cancelled` as soon as the signal is aborted, whichever comes first. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Nobody hears it any more when the signal was aborted before, and a rejection that nobody hears ends the process.
  if (signal.aborted) promise.catch(() => undefined);
  throwIfAborted(signal);
  const aborted = deferred<never>();
  const onAbort = (): void => aborted.reject(new EngineError({ code: 'cancelled' }));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Resolves after `ms` milliseconds, or rejects with `cancelled` when the signal is aborted first. */
export async function delay(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  throwIfAborted(signal);
  const done = deferred<void>();
  const timer = clock.setTimeout(() => done.resolve(), ms);
  try {
    await raceAbort(done.promise, signal);
  } finally {
    timer.dispose();
  }
}

/** The result of `work`; `onLate` is called when it is not there after `ms` milliseconds, to bring it to its end. */
export async function whenLate<T>(work: Promise<T>, ms: number, clock: Clock, onLate: () => void): Promise<T> {
  const timer = clock.setTimeout(onLate, ms);
  try {
    return await work;
  } finally {
    timer.dispose();
  }
}

/** The results of `work` for all items, in their order, with at most `atOnce` under way at a time. The first failure ends it. */
export async function inBatches<T, R>(items: readonly T[], atOnce: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map((item, index) => work(item, at + index)))));
  }
  return results;
}
