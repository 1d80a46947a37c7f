import { delay, linkSignals, raceAbort, throwIfAborted } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { WorkerClient } from './workerClient.js';

/** How long a worker may go on with work that was cancelled. A value. */
export interface Patience {
  /** The time between two looks at it, and for it to answer when it is asked for a sign of life, in milliseconds. */
  readonly lookMs: number;
  /** More than a decode step takes: what goes on for longer never ends, in milliseconds. */
  readonly stepMs: number;
}

/** A step of a large model on a slow processor takes a minute or two, and its worker answers meanwhile; to kill it would cost a load. */
export const defaultPatience: Patience = { lookMs: 10_000, stepMs: 300_000 };

export interface WatchTools {
  readonly patience: Patience;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Hands on the outcome of work in a worker, and sees to it that there is one when it is cancelled: a worker that gives no sign of
 * life (a chat template that loops holds its only thread) or goes on for too long (a graphics driver that hangs) is killed.
 * The requests that it also had go on in the next one.
 */
export async function whileObeyed<T>(work: Promise<T>, worker: WorkerClient, signal: AbortSignal, tools: WatchTools): Promise<T> {
  const settled = new AbortController();
  const watch = (): void => void killWhenStuck(worker, settled.signal, tools).catch(() => undefined);
  if (signal.aborted) watch();
  signal.addEventListener('abort', watch, { once: true });
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', watch);
    settled.abort();
  }
}

/** Rejects with `cancelled` when the work has settled first. */
async function killWhenStuck(worker: WorkerClient, settled: AbortSignal, { patience, clock, log }: WatchTools): Promise<void> {
  for (let waited = 0; waited < patience.stepMs; waited += patience.lookMs) {
    await delay(patience.lookMs, settled, clock);
    if (!(await isLive(worker, patience.lookMs, settled, clock))) break;
  }
  log.warn(`worker ${worker.pid ?? '?'} does not stop what was cancelled and is killed`);
  worker.dispose();
}

async function isLive(worker: WorkerClient, limitMs: number, settled: AbortSignal, clock: Clock): Promise<boolean> {
  const waiting = linkSignals(settled);
  const timer = clock.setTimeout(() => waiting.abort(), limitMs);
  try {
    await raceAbort(worker.counters(waiting.signal), waiting.signal);
    return true;
  } catch {
    throwIfAborted(settled);
    // A failure is an answer too.
    return !waiting.signal.aborted;
  } finally {
    timer.dispose();
    waiting.dispose();
  }
}
