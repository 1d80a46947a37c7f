import * as v from 'valibot';
import { kvTypeSchema } from './engineTypes.js';
import { failureSchema, roleSchema } from './failureSchema.js';

const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const label = v.pipe(v.string(), v.maxLength(256));
const filePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const url = v.pipe(v.string(), v.maxLength(4_096), v.regex(/^https?:\/\//));

/** SHA-256 in lower-case hexadecimal. */
export const sha256Schema = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** What a model is for. An instruct or reasoning model never completes code; a base model never chats. */
export const modelRoleSchema = v.picklist(['completion', 'chat', 'reasoning']);
export type ModelRole = v.InferOutput<typeof modelRoleSchema>;

/** What a model is judged for. */
export const intendedUseSchema = v.object({
  /** Its part of the engine: the model of the other part stays loaded beside it. `null` where that is open: it would be alone. */
  role: v.nullable(roleSchema),
  /** Tokens per slot; 0 is the usual context. */
  contextSize: v.pipe(wholeNumber, v.maxValue(1_048_576)),
});
export type IntendedUse = v.InferOutput<typeof intendedUseSchema>;

/** Where a model comes from. */
export const modelSourceSchema = v.variant('kind', [
  /** A file of the catalogue, by the ids of the model and of the file. */
  v.object({ kind: v.literal('catalogue'), model: label, file: label }),
  /** A file of a repository on the hub. `revision` is a branch, a tag or a commit. To look, not to fetch: `*` in `file` is any text. */
  v.object({
    kind: v.literal('hub'),
    repository: v.pipe(v.string(), v.maxLength(256), v.regex(/^[\w.-]+\/[\w.-]+$/)),
    revision: v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.regex(/^[\w./-]+$/)),
    file: v.pipe(v.string(), v.minLength(1), v.maxLength(512)),
  }),
  /** Any other address; one of `file:` says where a model on this machine is, and is not fetched. */
  v.object({ kind: v.literal('url'), url: v.pipe(v.string(), v.maxLength(4_096), v.regex(/^(?:https?|file):\/\//)) }),
]);
export type ModelSource = v.InferOutput<typeof modelSourceSchema>;

/** Known traps of a model file: `modelText.ts` has the words. */
export const trapSchema = v.picklist([
  /** Converted before llama.cpp knew the tokenizer: it reads other tokens than the model was trained with. */
  'oldTokenizer',
  /** A `deepseek2` file from before multi-head latent attention: nine times the KV cache. */
  'fullAttentionCache',
  /** The vocabulary has no fill-in-the-middle tokens. */
  'noFimTokens',
  /** The file has no chat template. */
  'noChatTemplate',
  /** Nobody has confirmed a checksum of it. */
  'unverified',
]);
export type Trap = v.InferOutput<typeof trapSchema>;

/** What a chat with the model must heed; `modelText.ts` has the words. */
export const templateQuirkSchema = v.picklist([
  /** The answer has to begin with `<think>`, or the model may skip its reasoning. */
  'forcedThinking',
  /** Trained without a system prompt: instructions belong into the question. */
  'noSystemPrompt',
  /** Temperature 0.6 and top-p 0.95: greedy decoding makes it repeat itself. */
  'reasoningSampling',
  /** Thinks or not by what the answer begins with. */
  'hybridThinking',
  /** `### Instruction:` and `### Response:` instead of marks of the vocabulary. */
  'instructionMarks',
]);
export type TemplateQuirk = v.InferOutput<typeof templateQuirkSchema>;

/** Bytes by what they are for. */
export const memoryBreakdownSchema = v.object({
  weights: wholeNumber,
  kvCache: wholeNumber,
  compute: wholeNumber,
  /** Left to the system and to other programs. */
  reserve: wholeNumber,
});
export type MemoryBreakdown = v.InferOutput<typeof memoryBreakdownSchema>;

/** Bytes that a model needs, the system's reserve not counted. */
export function neededBytes({ weights, kvCache, compute }: Omit<MemoryBreakdown, 'reserve'>): number {
  return weights + kvCache + compute;
}

/** Whether a model can run here, and how fast. */
export const fitSchema = v.object({
  /**
   * `fits`: with the context that was asked for. `smallerContext`: with `contextSize` and `kvType` only. `pod`: on the paired
   * machines. `tooLarge`: nowhere; the memory is that of the smallest context.
   */
  verdict: v.picklist(['fits', 'smallerContext', 'pod', 'tooLarge']),
  /** Tokens per slot, and the type of the KV cache, that the figures are for. */
  contextSize: wholeNumber,
  kvType: kvTypeSchema,
  memory: memoryBreakdownSchema,
  /** What models may use here, the reserve not counted. */
  availableBytes: wholeNumber,
  /** Predicted while decoding, where the model would run; `null` where it cannot, or nothing has been measured. */
  tokensPerSecond: v.nullable(amount),
  /**
   * `measured`: this very model has been measured here. `header`: the figures are from the file. `repository`: from the header of
   * another file of the repository, for another size. `catalogue`: from what the catalogue says.
   */
  basis: v.picklist(['catalogue', 'repository', 'header', 'measured']),
});
export type Fit = v.InferOutput<typeof fitSchema>;

/** One file, or one set of parts, that can be had of a model. */
export const fileOfferSchema = v.object({
  id: label,
  source: modelSourceSchema,
  quantization: label,
  /** All parts together; 0 where it is not known before the download. */
  bytes: wholeNumber,
  parts: v.pipe(wholeNumber, v.minValue(1)),
  /** Whether its checksum is known. */
  verified: v.boolean(),
  traps: v.array(trapSchema),
  fit: fitSchema,
  /** The best one here for these roles. */
  recommendedFor: v.array(modelRoleSchema),
  /** Id of the installed model, if it is. */
  installed: v.nullable(label),
});
export type FileOffer = v.InferOutput<typeof fileOfferSchema>;

export const licenceSchema = v.object({
  id: label,
  name: label,
  url: v.nullable(url),
  /** Whether its text has to be accepted before the download. */
  restricted: v.boolean(),
});
export type Licence = v.InferOutput<typeof licenceSchema>;

/** A model of the catalogue, or one that was looked at by its address. */
export const modelOfferSchema = v.object({
  id: label,
  name: label,
  roles: v.array(modelRoleSchema),
  /** Parameters, all of them and those that take part in a token; 0 where unknown. */
  parameters: v.object({ total: amount, active: amount }),
  /** Tokens that it was trained for. */
  contextSize: wholeNumber,
  layers: wholeNumber,
  fim: v.boolean(),
  licence: v.nullable(licenceSchema),
  /** Why this version cannot run it, if so: then there is no fit worth reading. */
  unsupported: v.nullable(label),
  /** What a chat with it must heed; left out where nothing is known. */
  quirks: v.exactOptional(v.array(templateQuirkSchema)),
  files: v.array(fileOfferSchema),
});
export type ModelOffer = v.InferOutput<typeof modelOfferSchema>;

/** A model on this machine. */
export const installedModelSchema = v.object({
  id: label,
  name: label,
  /** The first part. */
  path: filePath,
  /** All parts together. */
  bytes: wholeNumber,
  parts: v.pipe(wholeNumber, v.minValue(1)),
  architecture: label,
  quantization: label,
  contextSize: wholeNumber,
  roles: v.array(modelRoleSchema),
  fim: v.boolean(),
  /** `imported` files are the user's: removing takes them out of the list only. */
  origin: v.picklist(['bundled', 'downloaded', 'imported']),
  source: v.nullable(modelSourceSchema),
  /** `matches`: equals the confirmed checksum. `unconfirmed`: hashed, but nobody has published what it should be. */
  checksum: v.picklist(['matches', 'differs', 'unconfirmed', 'unchecked']),
  traps: v.array(trapSchema),
  /** The file is no longer where it was. */
  missing: v.boolean(),
});
export type InstalledModel = v.InferOutput<typeof installedModelSchema>;

export const downloadStateSchema = v.variant('state', [
  v.object({ state: v.literal('queued') }),
  v.object({
    state: v.literal('downloading'),
    /** Bytes per second over the last seconds. */
    rate: amount,
    /** `null` while it cannot be said. */
    secondsLeft: v.nullable(amount),
  }),
  v.object({ state: v.literal('paused') }),
  /** All bytes are there; what could not be hashed while it came is hashed now. `progress` from 0 to 1. */
  v.object({ state: v.literal('verifying'), progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  /** `againAt`: when it is tried again by itself, in milliseconds since 1970; left out where it is not. */
  v.object({ state: v.literal('failed'), failure: failureSchema, againAt: v.exactOptional(wholeNumber) }),
]);
export type DownloadState = v.InferOutput<typeof downloadStateSchema>;

export const downloadSchema = v.object({
  id: label,
  name: label,
  quantization: label,
  source: modelSourceSchema,
  /** 0 while it is not known. */
  totalBytes: wholeNumber,
  receivedBytes: wholeNumber,
  /** Where the bytes come from: the host's name, or the machine of the pod. */
  from: label,
  status: downloadStateSchema,
});
export type Download = v.InferOutput<typeof downloadSchema>;

/** How the system is doing for memory. `tight`: idle models are unloaded. `critical`: nothing more is loaded. */
export const memoryPressureSchema = v.picklist(['normal', 'tight', 'critical']);
export type MemoryPressure = v.InferOutput<typeof memoryPressureSchema>;

export const modelsStatusSchema = v.object({
  installed: v.array(installedModelSchema),
  downloads: v.array(downloadSchema),
  /** Where downloads are put. */
  directory: filePath,
  freeDiskBytes: wholeNumber,
});
export type ModelsStatus = v.InferOutput<typeof modelsStatusSchema>;

/** How models are fetched. Kept in the daemon's memory alone, for it may hold a secret. */
export const networkOptionsSchema = v.object({
  /** Base address of the hub or of its mirror. */
  endpoint: url,
  /** Sent to the endpoint's host only, never to where it redirects. */
  token: v.nullable(v.pipe(v.string(), v.maxLength(1_024))),
  /** Address of a proxy; `null` takes the environment's. */
  proxy: v.nullable(url),
  /** Hosts that are reached without it. */
  noProxy: v.array(label),
  /** Whether certificates are checked. */
  strictTls: v.boolean(),
  /** Further certificate authorities, PEM. */
  certificates: v.array(v.pipe(v.string(), v.maxLength(65_536))),
  /** Where downloads are put, as an absolute path; `null` is the folder of this installation. */
  directory: v.nullable(v.pipe(filePath, v.regex(/^(?:\/|\\\\|[A-Za-z]:[\\/])/))),
});
export type NetworkOptions = v.InferOutput<typeof networkOptionsSchema>;

/** What a model did on this machine. Rates in tokens per second. */
export const benchmarkRowSchema = v.object({
  model: label,
  path: filePath,
  quantization: label,
  bytes: wholeNumber,
  where: v.picklist(['here', 'pod']),
  /** Machines that held layers, this one included. */
  machines: v.pipe(wholeNumber, v.minValue(1)),
  gpu: v.picklist(['metal', 'cuda', 'vulkan', 'cpu']),
  promptTokens: wholeNumber,
  generatedTokens: wholeNumber,
  promptTokensPerSecond: amount,
  decodeTokensPerSecond: amount,
  timeToFirstTokenMs: amount,
  /** What was predicted for decoding before it was measured. */
  predictedTokensPerSecond: v.nullable(amount),
  /** Why it could not be measured; the figures are 0 then. */
  failure: v.nullable(failureSchema),
});
export type BenchmarkRow = v.InferOutput<typeof benchmarkRowSchema>;

/** What is being measured, and the rows that are done. */
export const benchmarkEventSchema = v.variant('kind', [
  v.object({ kind: v.literal('measuring'), model: label, where: v.picklist(['here', 'pod']), done: wholeNumber, of: wholeNumber }),
  v.object({ kind: v.literal('row'), row: benchmarkRowSchema }),
]);
export type BenchmarkEvent = v.InferOutput<typeof benchmarkEventSchema>;
