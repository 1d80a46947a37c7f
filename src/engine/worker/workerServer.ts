import type { MessageConnection } from 'vscode-jsonrpc';
import type { Clock } from '../base/clock.js';
import { DisposableStore, type Disposable } from '../base/disposable.js';
import { EngineError } from '../base/errors.js';
import { call, serve, serveStreaming } from '../protocol/wire.js';
import {
  type LoadParams,
  type LoadResult,
  localMemoryRequest,
  workerChatRequest,
  workerCompleteRequest,
  workerCountersRequest,
  workerCountTokensRequest,
  workerLoadRequest,
} from '../protocol/workerMessages.js';
import type { InferenceBackend, LoadedModel, LoadEvents } from './inferenceBackend.js';
import { RequestRunner } from './requests.js';

interface Loaded {
  readonly model: LoadedModel;
  readonly requests: RequestRunner;
}

/** Serves one worker's end of the wire: a load first, then requests. */
export function serveWorker(connection: MessageConnection, backend: InferenceBackend, clock: Clock): Disposable {
  const store = new DisposableStore();
  let asked = false;
  let loaded: Loaded | null = null;

  const load = async (params: LoadParams, report: (event: { progress: number }) => void, signal: AbortSignal): Promise<LoadResult> => {
    if (asked) throw new EngineError({ code: 'invalidMessage', method: workerLoadRequest.method, reason: 'a worker loads one model, once' });
    asked = true;
    const events: LoadEvents = {
      progress: (progress) => report({ progress }),
      localMemory: async (freeBytes) => {
        await call(connection, localMemoryRequest, { freeBytes }, signal);
      },
    };
    const model = await backend.load(params, events, signal);
    loaded = { model, requests: new RequestRunner(model, clock) };
    const { roles: { completion, chat }, layerDevices, reduced, wrongRole } = model;
    return { completion: completion?.info ?? null, chat: chat?.info ?? null, layerDevices, reduced, wrongRole };
  };
  const ready = (method: string): Loaded => {
    if (loaded === null) throw new EngineError({ code: 'invalidMessage', method, reason: 'no model is loaded yet' });
    return loaded;
  };

  store.add(serveStreaming(connection, workerLoadRequest, load));
  store.add(
    serveStreaming(connection, workerCompleteRequest, async ({ request, resume }, report, signal) =>
      ready(workerCompleteRequest.method).requests.complete(request, resume, report, signal),
    ),
  );
  store.add(
    serveStreaming(connection, workerChatRequest, async ({ request, resume }, report, signal) =>
      ready(workerChatRequest.method).requests.chat(request, resume, report, signal),
    ),
  );
  store.add(serve(connection, workerCountTokensRequest, async ({ text }, signal) => ready(workerCountTokensRequest.method).requests.countTokens(text, signal)));
  store.add(
    serve(connection, workerCountersRequest, async () => ({
      ...ready(workerCountersRequest.method).model.counters(),
      rssBytes: process.memoryUsage.rss(),
    })),
  );
  return store;
}
