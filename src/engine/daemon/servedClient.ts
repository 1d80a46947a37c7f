import type { Disposable } from '../base/disposable.js';
import type { Notification, Request, StreamingRequest } from '../protocol/wire.js';

/** A greeted client's connection as the requests about the pod and the models need it. */
export interface ServedClient {
  serve<P, R>(request: Request<P, R>, handler: (params: P, signal: AbortSignal) => Promise<R>): void;
  serveStreaming<P, E, R>(request: StreamingRequest<P, E, R>, handler: (params: P, report: (event: E) => void, signal: AbortSignal) => Promise<R>): void;
  notify<P>(notification: Notification<P>, params: P): void;
}

/** The answer of a request that only says that it is done. */
export async function done(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

/** Something whose status can be heard. */
interface Watchable<Status> {
  watch(hear: (status: Status) => void): Promise<Disposable>;
}

/** Whether a client hears a status. The last word counts, also when one comes while another takes effect. */
export class Watching<Status> {
  #wanted = false;
  #present: Promise<Disposable> | null = null;

  constructor(
    private readonly client: ServedClient,
    private readonly watched: Watchable<Status>,
    private readonly notification: Notification<Status>,
  ) {}

  async set(on: boolean): Promise<void> {
    this.#wanted = on;
    if (on) {
      this.#present ??= this.watched.watch((status) => {
        if (this.#wanted) this.client.notify(this.notification, status);
      });
      const present = this.#present;
      // Whoever could not be heard may be asked for again.
      await present.catch((error: unknown) => {
        if (this.#present === present) this.#present = null;
        throw error;
      });
      return;
    }
    const present = this.#present;
    this.#present = null;
    (await present)?.dispose();
  }
}
