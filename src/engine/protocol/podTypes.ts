import * as v from 'valibot';
import { plainLine } from '../base/plainText.js';
import { failureSchema } from './failureSchema.js';

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
/** Other machines write it, and terminals show it. */
export const labelSchema = v.pipe(v.string(), v.maxLength(256), v.transform(plainLine));
const label = labelSchema;
const filePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

/** SHA-256 of the machine's public key (DER SubjectPublicKeyInfo) in lower-case hexadecimal: a machine *is* this value. */
export const fingerprintSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** What people call a machine. Never decides anything. Others choose it, so it may not hold what moves a terminal's cursor or turns the writing direction. */
export const machineNameSchema = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(128), v.regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u));

export const addressSchema = v.object({
  /** IP address or host name. */
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(253)),
  port: v.pipe(wholeNumber, v.minValue(1), v.maxValue(65_535)),
});
export type Address = v.InferOutput<typeof addressSchema>;

/** What two machines must have in common before native code of one speaks to the other's. */
export const buildSchema = v.object({
  /** Release of llama.cpp that the libraries were built from. */
  llama: label,
  /** Version of ggml's RPC protocol, `6.0.0`. */
  rpcProtocol: label,
});
export type Build = v.InferOutput<typeof buildSchema>;

/** A device that can hold layers, as measured on its machine. */
export const deviceSchema = v.object({
  /** ggml's name: `MTL0`, `CUDA0`, `CPU`. */
  name: label,
  kind: v.picklist(['gpu', 'cpu']),
  /** A GPU that has no memory of its own: what it holds is main memory. */
  unified: v.optional(v.boolean()),
  description: label,
  /** Bytes. */
  memoryBytes: wholeNumber,
  freeBytes: wholeNumber,
  /** Bytes of weights per second while decoding, measured with a matrix-vector product. 0 until measured. */
  bandwidth: amount,
  /** Seconds that a layer costs beside reading its weights, measured with a tiny one. */
  layerOverhead: amount,
});
export type Device = v.InferOutput<typeof deviceSchema>;

/** A connection to a machine, as measured through its encryption. */
export const linkSchema = v.object({
  address: addressSchema,
  /** Seconds for a small message there and back: the median of several. */
  roundTrip: amount,
  /** Bytes per second. */
  throughput: amount,
});
export type Link = v.InferOutput<typeof linkSchema>;

/** How much of this machine others may use, and who. */
export const shareOptionsSchema = v.object({
  /** Bytes that a coordinator may use at most; 0 leaves it to what is free. */
  memoryLimit: wholeNumber,
  /** Lend the processor where there is no GPU: slower for the borrower, and this machine gets busy. */
  cpu: v.boolean(),
  /** Names or fingerprints of paired machines that may use it; empty allows all paired ones. */
  only: v.pipe(v.array(label), v.maxLength(256)),
  /** TCP port to listen on; 0 takes any. */
  port: v.pipe(wholeNumber, v.maxValue(65_535)),
  /** Bytes of the lent weights' cache on disk; 0 keeps none. */
  cacheLimit: wholeNumber,
});
export type ShareOptions = v.InferOutput<typeof shareOptionsSchema>;

/** The layers `first` to `last` of a model, both included; `output` when the output layer comes with them. */
export const layerRangeSchema = v.object({ first: wholeNumber, last: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)), output: v.boolean() });
export type LayerRange = v.InferOutput<typeof layerRangeSchema>;

/** Why a machine has no part in a plan. */
export const leftOutReasonSchema = v.picklist(['notPaired', 'notConnected', 'notSharing', 'notAllowed', 'differentBuild', 'held', 'noMemory', 'slower', 'noDevice', 'tooMany']);
export type LeftOutReason = v.InferOutput<typeof leftOutReasonSchema>;

export const planPartSchema = v.object({
  /** `null` is this machine. */
  machine: v.nullable(fingerprintSchema),
  name: label,
  layers: layerRangeSchema,
  /** Weights, KV cache and compute buffers on this machine, in bytes. */
  bytes: wholeNumber,
  /** Of that many usable ones. */
  usableBytes: wholeNumber,
});
export type PlanPart = v.InferOutput<typeof planPartSchema>;

/** What would happen with a model: which layers go where and what to expect. Rates are tokens per second while decoding. */
export const planPreviewSchema = v.object({
  model: v.object({ path: filePath, name: label, layers: wholeNumber, bytes: wholeNumber, contextSize: wholeNumber }),
  /** Alone on this machine; `tokensPerSecond` is `null` where the model does not fit. */
  local: v.object({ fits: v.boolean(), requiredBytes: wholeNumber, availableBytes: wholeNumber, tokensPerSecond: v.nullable(amount) }),
  /** The best spread over several machines; `null` when there is none, and `failure` says why. */
  pod: v.nullable(v.object({ parts: v.array(planPartSchema), tokensPerSecond: amount })),
  failure: v.nullable(failureSchema),
  /** `local` where this machine alone is predicted to be at least as fast. */
  advice: v.picklist(['local', 'pod', 'none']),
  leftOut: v.array(v.object({ machine: fingerprintSchema, name: label, reason: leftOutReasonSchema, holder: v.nullable(label) })),
});
export type PlanPreview = v.InferOutput<typeof planPreviewSchema>;

/** How a machine stands to this one. */
export const machinePresenceSchema = v.picklist([
  /** Advertised or added by hand, no connection. */
  'seen',
  'connecting',
  /** Greeted; its facts are known. */
  'connected',
  /** Paired, and neither seen nor reachable at its last addresses. */
  'away',
]);
export type MachinePresence = v.InferOutput<typeof machinePresenceSchema>;

/** Totals of a tunnel since it was opened, and how it does now. */
export const trafficSchema = v.object({
  sentBytes: wholeNumber,
  receivedBytes: wholeNumber,
  /** Bytes per second over the last two seconds. */
  rate: amount,
  /** Seconds from a request to its answer, median of the last ones: link, tunnel and the machine's own work. */
  latency: amount,
});
export type Traffic = v.InferOutput<typeof trafficSchema>;

export const machineSchema = v.object({
  /** `null` only for an address added by hand whose key is not known yet. */
  fingerprint: v.nullable(fingerprintSchema),
  name: label,
  paired: v.boolean(),
  presence: machinePresenceSchema,
  addresses: v.array(addressSchema),
  devices: v.array(deviceSchema),
  /** Bytes that it would lend now; `null` when it does not share, or is not known. */
  lendableBytes: v.nullable(wholeNumber),
  /** Name of the machine that uses it now. */
  holder: v.nullable(label),
  link: v.nullable(linkSchema),
  /** What keeps it from taking part. */
  problem: v.nullable(failureSchema),
  /** Its part in what runs now. */
  part: v.nullable(planPartSchema),
  traffic: v.nullable(trafficSchema),
});
export type Machine = v.InferOutput<typeof machineSchema>;

/** A pairing under way, on either side. */
export const pairingSchema = v.object({
  id: v.pipe(v.string(), v.maxLength(64)),
  name: label,
  fingerprint: fingerprintSchema,
  /** `asking` on the side where the user pressed Pair. */
  side: v.picklist(['asking', 'asked']),
  /** Six decimal digits, equal on both screens unless somebody is in between. */
  digits: v.pipe(v.string(), v.regex(/^\d{6}$/)),
  /** `compare` waits for this user, `waiting` for the other one. */
  state: v.picklist(['compare', 'waiting']),
  /** Milliseconds since 1970 when it lapses. */
  expiresAt: amount,
});
export type Pairing = v.InferOutput<typeof pairingSchema>;

/** What this machine lends. */
export const sharingSchema = v.variant('state', [
  v.object({ state: v.literal('off') }),
  v.object({ state: v.literal('on'), port: wholeNumber, device: label, lendableBytes: wholeNumber, borrower: v.nullable(v.object({ fingerprint: fingerprintSchema, name: label, usedBytes: wholeNumber })) }),
  v.object({ state: v.literal('failed'), failure: failureSchema }),
]);
export type Sharing = v.InferOutput<typeof sharingSchema>;

/** What a start on the pod is busy with. */
export const startStepSchema = v.picklist([
  /** Looking who is there, and for a plan. */
  'connecting',
  /** Getting what the plan needs of the other machines. */
  'leasing',
  'loading',
  /** What ran before ends first. */
  'ending',
]);
export type StartStep = v.InferOutput<typeof startStepSchema>;

/** The model on the pod. */
export const podRunSchema = v.variant('state', [
  /** No model is meant to run on the pod. */
  v.object({ state: v.literal('off') }),
  /** One is meant to, and nothing has asked for it yet. */
  v.object({ state: v.literal('idle'), path: filePath }),
  /** Progress from 0 to 1. */
  v.object({ state: v.literal('starting'), path: filePath, step: startStepSchema, progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)), parts: v.array(planPartSchema) }),
  /** `predicted` and `measured` are tokens per second while decoding; `measured` is `null` before the first answer. */
  v.object({ state: v.literal('running'), path: filePath, parts: v.array(planPartSchema), predicted: amount, measured: v.nullable(amount) }),
  /** A machine was lost; what remains is being planned and loaded. */
  v.object({ state: v.literal('recovering'), path: filePath, lost: label }),
  /** The local chat model answers in its place. */
  v.object({ state: v.literal('fallback'), path: filePath, failure: failureSchema }),
]);
export type PodRun = v.InferOutput<typeof podRunSchema>;

/** Everything that the Pod view shows. */
export const podStatusSchema = v.object({
  self: v.object({ fingerprint: v.nullable(fingerprintSchema), name: label, build: v.nullable(buildSchema), devices: v.array(deviceSchema) }),
  /** Why this machine can take no part in a pod, for instance because libggml-rpc is not there. */
  problem: v.nullable(failureSchema),
  sharing: sharingSchema,
  machines: v.array(machineSchema),
  pairings: v.array(pairingSchema),
  run: podRunSchema,
});
export type PodStatus = v.InferOutput<typeof podStatusSchema>;

/** What the doctor looked at. */
export const doctorCheckSchema = v.picklist(['library', 'multicast', 'localNetworkPermission', 'vpn', 'port', 'firewall', 'build', 'clock', 'machine']);
export type DoctorCheck = v.InferOutput<typeof doctorCheckSchema>;
/** One finding. `doctorText.ts` turns it into what is the matter and what to do. */
export const doctorFindingSchema = v.object({
  check: doctorCheckSchema,
  verdict: v.picklist(['good', 'warning', 'bad', 'unknown']),
  /** The machine that it is about, if one. */
  machine: v.nullable(label),
  /** A fact for the text: an interface, an address, a version, seconds. */
  detail: v.pipe(v.string(), v.maxLength(1_024)),
});
export type DoctorFinding = v.InferOutput<typeof doctorFindingSchema>;
