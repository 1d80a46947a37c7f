import * as v from 'valibot';
import {
  type BenchmarkEvent,
  benchmarkEventSchema,
  type BenchmarkRow,
  benchmarkRowSchema,
  type InstalledModel,
  installedModelSchema,
  type IntendedUse,
  intendedUseSchema,
  type ModelOffer,
  modelOfferSchema,
  type ModelSource,
  modelSourceSchema,
  type ModelsStatus,
  modelsStatusSchema,
  type NetworkOptions,
  networkOptionsSchema,
} from './modelTypes.js';
import type { Notification, Request, StreamingRequest } from './wire.js';

// The part of the wire between client and daemon that is about models on the disk and on the hub.

const nothing = v.null();
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const byId = v.object({ id });
const filePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const progress = v.object({ progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) });

/** client → daemon: from now on this client hears `models/status`, or no longer. */
export const watchModelsRequest: Request<boolean, ModelsStatus> = { method: 'models/watch', params: v.boolean(), result: modelsStatusSchema };

/** daemon → client that watches: at every change, at most some times a second. */
export const modelsStatusNotification: Notification<ModelsStatus> = { method: 'models/status', params: modelsStatusSchema };

/** client → daemon: how to fetch from now on. */
export const networkRequest: Request<NetworkOptions, null> = { method: 'models/network', params: networkOptionsSchema, result: nothing };

/** client → daemon: what the catalogue has, judged for this machine. */
export const offersRequest: Request<IntendedUse, ModelOffer[]> = { method: 'models/offers', params: intendedUseSchema, result: v.array(modelOfferSchema) };

/** client → daemon: looks at a model that is elsewhere by its header alone. */
export const inspectRequest: Request<{ source: ModelSource; use: IntendedUse }, ModelOffer> = {
  method: 'models/inspect',
  params: v.object({ source: modelSourceSchema, use: intendedUseSchema }),
  result: modelOfferSchema,
};

/** client → daemon: how a file on this machine would fit. */
export const fitRequest: Request<{ path: string; use: IntendedUse }, ModelOffer> = { method: 'models/fit', params: v.object({ path: filePath, use: intendedUseSchema }), result: modelOfferSchema };

/** client → daemon: the text of a licence of the catalogue. */
export const licenceTextRequest: Request<{ id: string }, string> = { method: 'models/licence', params: byId, result: v.pipe(v.string(), v.maxLength(262_144)) };

/** client → daemon: fetches a model; answers the id of the download at once. A restricted licence must be named as accepted. */
export const pullRequest: Request<{ source: ModelSource; acceptedLicence: string | null }, string> = {
  method: 'models/pull',
  params: v.object({ source: modelSourceSchema, acceptedLicence: v.nullable(id) }),
  result: id,
};

/** client → daemon: what has come stays on the disk. */
export const pauseDownloadRequest: Request<{ id: string }, null> = { method: 'models/pause', params: byId, result: nothing };
/** client → daemon: goes on with a paused or failed download. */
export const resumeDownloadRequest: Request<{ id: string }, null> = { method: 'models/resume', params: byId, result: nothing };
/** client → daemon: ends a download and removes what has come. */
export const cancelDownloadRequest: Request<{ id: string }, null> = { method: 'models/cancel', params: byId, result: nothing };

/** client → daemon: takes a file of the user into the list, where it is. */
export const importRequest: Request<{ path: string }, InstalledModel> = { method: 'models/import', params: v.object({ path: filePath }), result: installedModelSchema };

/** client → daemon: hashes all parts and compares. */
export const verifyRequest: StreamingRequest<{ id: string }, { progress: number }, InstalledModel> = { method: 'models/verify', params: byId, event: progress, result: installedModelSchema };

/** client → daemon: deletes a downloaded model; forgets an imported one. */
export const removeModelRequest: Request<{ id: string }, null> = { method: 'models/remove', params: byId, result: nothing };

/** client → daemon: measures installed models, all of them if none is named, and the one on the pod if there is one. */
export const benchmarkRequest: StreamingRequest<{ ids: string[]; pod: boolean }, BenchmarkEvent, BenchmarkRow[]> = {
  method: 'models/benchmark',
  params: v.object({ ids: v.pipe(v.array(id), v.maxLength(256)), pod: v.boolean() }),
  event: benchmarkEventSchema,
  result: v.array(benchmarkRowSchema),
};
