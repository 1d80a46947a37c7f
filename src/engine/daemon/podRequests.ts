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
import { done, type ServedClient, Watching } from './servedClient.js';

/** Answers what one client asks of the pod. Disposing ends its watching; what it shares stays shared. */
export function servePod(client: ServedClient, pod: PodApi): Disposable {
  const store = new DisposableStore();
  const watching = new Watching(client, pod, podStatusNotification);
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
