import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import type { PodApi } from '../pod/podApi.js';
import {
  addMachineRequest,
  confirmPairingRequest,
  doctorRequest,
  pairRequest,
  planRequest,
  podStatusNotification,
  renameRequest,
  shareRequest,
  unpairRequest,
  watchPodRequest,
} from '../protocol/podMessages.js';
import type { Notification, Request } from '../protocol/wire.js';

/** A greeted client's connection as the pod's requests need it. */
export interface ServedClient {
  serve<P, R>(request: Request<P, R>, handler: (params: P, signal: AbortSignal) => Promise<R>): void;
  notify<P>(notification: Notification<P>, params: P): void;
}

/** Answers what one client asks of the pod. Disposing ends its watching; what it shares stays shared. */
export function servePod(client: ServedClient, pod: PodApi): Disposable {
  const store = new DisposableStore();
  const watching = new Watching(client, pod);
  store.add(toDisposable(() => watching.set(false).catch(() => undefined)));
  client.serve(watchPodRequest, async (on) => {
    await watching.set(on);
    return pod.status;
  });
  client.serve(shareRequest, async (options) => done(pod.share(options)));
  client.serve(renameRequest, async (name) => done(pod.rename(name)));
  client.serve(addMachineRequest, (address, signal) => pod.add(address, signal));
  client.serve(pairRequest, async ({ fingerprint }, signal) => done(pod.pair(fingerprint, signal)));
  client.serve(confirmPairingRequest, async ({ id, equal }) => done(pod.confirmPairing(id, equal)));
  client.serve(unpairRequest, async ({ fingerprint }) => done(pod.unpair(fingerprint)));
  client.serve(planRequest, (options, signal) => pod.plan(options, signal));
  client.serve(doctorRequest, (_nothing, signal) => pod.doctor(signal));
  return store;
}

async function done(work: Promise<void>): Promise<null> {
  await work;
  return null;
}

/** Whether a client hears the status. The last word counts, also when one comes while another takes effect. */
class Watching {
  #wanted = false;
  #present: Promise<Disposable> | null = null;

  constructor(
    private readonly client: ServedClient,
    private readonly pod: PodApi,
  ) {}

  async set(on: boolean): Promise<void> {
    this.#wanted = on;
    if (on) {
      this.#present ??= this.pod.watch((status) => {
        if (this.#wanted) this.client.notify(podStatusNotification, status);
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
