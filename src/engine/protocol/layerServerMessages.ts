import * as v from 'valibot';
import { buildSchema, deviceSchema } from './podTypes.js';
import type { Request } from './wire.js';

// daemon → layer server, over the IPC channel of a forked process. The same program measures devices and lends one.

const probeResult = v.object({ build: buildSchema, devices: v.pipe(v.array(deviceSchema), v.maxLength(32)) });
export type ProbeResult = v.InferOutput<typeof probeResult>;

/** Which devices there are and how fast they decode. Takes some seconds where `measure` is set. Fails with `remoteLayersUnavailable`. */
export const probeRequest: Request<{ measure: boolean }, ProbeResult> = { method: 'layers/probe', params: v.object({ measure: v.boolean() }), result: probeResult };

const serveParams = v.object({
  device: v.pipe(v.string(), v.maxLength(256)),
  /** On 127.0.0.1. */
  port: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65_535)),
  /** Threads of the processor where it is the device; 0 leaves the choice to the layer server, which takes those that it measures with. */
  threads: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(1_024)),
  /** Where weights over 10 MiB are kept by their hash; `null` keeps none. */
  cacheDirectory: v.nullable(v.pipe(v.string(), v.maxLength(4_096))),
});
export type ServeParams = v.InferOutput<typeof serveParams>;

/** Serves the device until the process is killed: after the answer the program is in native code and hears nothing more. */
export const serveLayersRequest: Request<ServeParams, null> = { method: 'layers/serve', params: serveParams, result: v.null() };
