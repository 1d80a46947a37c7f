import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.js';
import type { ModelsApi } from '../models/modelsApi.js';
import {
  benchmarkRequest,
  cancelDownloadRequest,
  fitRequest,
  importRequest,
  inspectRequest,
  licenceTextRequest,
  modelsStatusNotification,
  networkRequest,
  offersRequest,
  pauseDownloadRequest,
  pullRequest,
  removeModelRequest,
  resumeDownloadRequest,
  verifyRequest,
  watchModelsRequest,
} from '../protocol/modelMessages.js';
import type { NetworkOptions } from '../protocol/modelTypes.js';
import { done, type ServedClient, Watching } from './servedClient.js';

/** Answers what one client asks of the models. Disposing ends its watching; its downloads go on. */
export function serveModels(client: ServedClient, models: ModelsApi, network: (options: NetworkOptions) => Promise<void>): Disposable {
  const store = new DisposableStore();
  const watching = new Watching(client, models, modelsStatusNotification);
  store.add(toDisposable(() => watching.set(false).catch(() => undefined)));
  client.serve(watchModelsRequest, async (on) => {
    await watching.set(on);
    // Also for a client that watches already: it asks because it wants to know.
    if (on) await models.look();
    return models.status;
  });
  client.serve(networkRequest, async (options) => done(network(options)));
  client.serve(offersRequest, (use, signal) => models.offers(use, signal));
  client.serve(inspectRequest, ({ source, use }, signal) => models.inspect(source, use, signal));
  client.serve(fitRequest, ({ path, use }, signal) => models.fit(path, use, signal));
  client.serve(licenceTextRequest, ({ id }) => models.licenceText(id));
  client.serve(pullRequest, ({ source, acceptedLicence }, signal) => models.pull(source, acceptedLicence, signal));
  client.serve(pauseDownloadRequest, async ({ id }) => done(models.pause(id)));
  client.serve(resumeDownloadRequest, async ({ id }) => done(models.resume(id)));
  client.serve(cancelDownloadRequest, async ({ id }) => done(models.cancel(id)));
  client.serve(importRequest, ({ path }, signal) => models.import(path, signal));
  client.serveStreaming(verifyRequest, ({ id }, report, signal) => models.verify(id, (progress) => report({ progress }), signal));
  client.serve(removeModelRequest, async ({ id }) => done(models.remove(id)));
  client.serveStreaming(benchmarkRequest, (what, report, signal) => models.benchmark(what, report, signal));
  return store;
}
