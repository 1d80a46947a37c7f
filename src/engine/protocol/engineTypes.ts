import * as v from 'valibot';
import { plainLine } from '../base/plainText.js';
import { failureSchema, roleSchema } from './failureSchema.js';

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const filePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const wholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const duration = v.pipe(v.number(), v.finite(), v.minValue(0));
const rate = v.pipe(v.number(), v.finite(), v.minValue(0));

/** Most characters of text in one request, so that a bad client cannot fill the daemon's memory. */
export const maxRequestCharacters = 8 * 1_024 * 1_024;
const longText = v.pipe(v.string(), v.maxLength(maxRequestCharacters));

export const gpuChoiceSchema = v.picklist(['auto', 'metal', 'cuda', 'vulkan', 'cpu']);
/** Which compute backend loads the model; `auto` takes Metal on Apple silicon, else CUDA, Vulkan, CPU in this order. */
export type GpuChoice = v.InferOutput<typeof gpuChoiceSchema>;

/** How keys and values are kept: 16-bit floats, or quantized in blocks of 32, which takes 53 % or 28 % of that and costs some quality. */
export const kvTypeSchema = v.picklist(['f16', 'q8_0', 'q4_0']);
export type KvType = v.InferOutput<typeof kvTypeSchema>;

export const loraSchema = v.object({
  /** Absolute path of a GGUF adapter. */
  path: filePath,
  /** 1 applies it as it was trained. */
  scale: v.pipe(v.number(), v.finite(), v.minValue(-10), v.maxValue(10)),
});
export type Lora = v.InferOutput<typeof loraSchema>;

/** What decides how weights get into memory. Two roles with equal values share one worker. */
export const modelOptionsSchema = v.object({
  /** Absolute path of a GGUF file. */
  path: filePath,
  gpu: gpuChoiceSchema,
  /** Layers on the GPU; `auto` takes as many as fit. */
  gpuLayers: v.union([v.literal('auto'), v.literal('max'), v.pipe(wholeNumber, v.maxValue(10_000))]),
  /** CPU threads for decoding and prompts; 0 lets the worker choose. */
  threads: v.pipe(wholeNumber, v.maxValue(1_024)),
  /** Most tokens evaluated in one step; also the longest time a cancelled prompt goes on. */
  batchSize: v.pipe(wholeNumber, v.minValue(8), v.maxValue(16_384)),
  mmap: v.boolean(),
  mlock: v.boolean(),
  /** `auto`: 16-bit floats, or less where the context would not fit otherwise. */
  kvType: v.union([v.literal('auto'), kvTypeSchema]),
  /** Adapters on top of the weights, in this order. */
  lora: v.pipe(v.array(loraSchema), v.maxLength(16)),
});
export type ModelOptions = v.InferOutput<typeof modelOptionsSchema>;

export const roleOptionsSchema = v.object({
  model: modelOptionsSchema,
  /** Tokens per slot; 0 takes what the model was trained for, at most 8,192, or what fits into the memory. */
  contextSize: v.pipe(wholeNumber, v.maxValue(1_048_576)),
  /** Sequences kept warm at once; the least recently used one is given to a newcomer. */
  slots: v.pipe(wholeNumber, v.minValue(1), v.maxValue(64)),
});
export type RoleOptions = v.InferOutput<typeof roleOptionsSchema>;

/** Everything that a client may decide about the engine. A role that is `null` is off. */
export const engineOptionsSchema = v.object({
  completion: v.nullable(roleOptionsSchema),
  chat: v.nullable(roleOptionsSchema),
  /**
   * The chat model that runs on several machines; `chat` answers where the pod cannot. `null`: none. When `completion` names the
   * same file it shares the pod's worker, otherwise completions stay on this machine and no other machine affects them.
   */
  pod: v.nullable(roleOptionsSchema),
  /** What all models together may take of this machine's memory, in bytes; 0 leaves it to what is there. */
  memoryBudgetBytes: wholeNumber,
  /** Unload a model this long after its last request, in milliseconds; 0 never unloads. */
  unloadAfterMs: duration,
  /** End the daemon this long after the last client left, in milliseconds. */
  exitAfterMs: duration,
});
export type EngineOptions = v.InferOutput<typeof engineOptionsSchema>;

export const samplingSchema = v.object({
  /** 0 is greedy: always the most likely token. */
  temperature: v.pipe(v.number(), v.minValue(0), v.maxValue(5)),
  topP: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** 0 keeps all tokens. */
  topK: v.pipe(wholeNumber, v.maxValue(100_000)),
  minP: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** 1 is off. */
  repeatPenalty: v.pipe(v.number(), v.minValue(0.1), v.maxValue(10)),
  /** The same seed, prompt and settings give the same text; `null` is different every time. */
  seed: v.nullable(v.pipe(wholeNumber, v.maxValue(0xffff_ffff))),
});
export type Sampling = v.InferOutput<typeof samplingSchema>;

/**
 * A fill-in-the-middle prompt in the order in which the model sees it:
 * `context <FIM begin> prefix <FIM hole> suffix <FIM end> tail`.
 * While a line is typed only `tail` changes, so the KV cache stays valid up to it.
 */
export const fimPromptSchema = v.object({
  /** Recent chunks of other files, oldest first, each `#path\n` and its text. Dropped from the front when too long. */
  context: v.array(longText),
  /** The file up to the start of the current line. */
  prefix: longText,
  /** The file after the cursor. */
  suffix: longText,
  /** The current line left of the cursor. */
  tail: longText,
});
export type FimPrompt = v.InferOutput<typeof fimPromptSchema>;

export const completionRequestSchema = v.object({
  /** Whose sequence to use: one per window. */
  slot: id,
  prompt: fimPromptSchema,
  maxTokens: v.pipe(wholeNumber, v.minValue(0), v.maxValue(32_768)),
  sampling: samplingSchema,
});
/** `maxTokens` 0 evaluates the prompt only, to warm the slot. */
export type CompletionRequest = v.InferOutput<typeof completionRequestSchema>;

export const chatTurnSchema = v.object({
  role: v.picklist(['system', 'user', 'assistant']),
  text: longText,
});
export type ChatTurn = v.InferOutput<typeof chatTurnSchema>;

export const chatRequestSchema = v.object({
  /** Whose sequence to use: one per conversation. */
  slot: id,
  /** Oldest first; the last one is the user's. Thoughts of earlier answers are already taken out. */
  turns: v.pipe(v.array(chatTurnSchema), v.minLength(1), v.maxLength(10_000)),
  maxTokens: v.pipe(wholeNumber, v.minValue(1), v.maxValue(1_048_576)),
  sampling: samplingSchema,
});
export type ChatRequest = v.InferOutput<typeof chatRequestSchema>;

/** What a generation cost. Times are milliseconds, rates tokens per second. */
export const generationStatsSchema = v.object({
  promptTokens: wholeNumber,
  /** Prompt tokens found in the KV cache. */
  cachedTokens: wholeNumber,
  /** Prompt tokens evaluated for this request: `promptTokens - cachedTokens`. */
  evaluatedTokens: wholeNumber,
  generatedTokens: wholeNumber,
  timeToFirstTokenMs: duration,
  promptTokensPerSecond: rate,
  decodeTokensPerSecond: rate,
});
export type GenerationStats = v.InferOutput<typeof generationStatsSchema>;

/** What happens while an answer is made, in order. `text` may hold `<think>` and `</think>`. */
export const generationEventSchema = v.variant('kind', [
  /** The prompt fits and is being evaluated; `droppedTurns` oldest turns were left out to make it fit. */
  v.object({ kind: v.literal('started'), promptTokens: wholeNumber, cachedTokens: wholeNumber, droppedTurns: wholeNumber }),
  v.object({ kind: v.literal('text'), text: v.string(), tokens: v.array(wholeNumber) }),
  /** The worker died and is being restarted; the text so far stays and goes on. */
  v.object({ kind: v.literal('recovering') }),
  v.object({ kind: v.literal('recovered') }),
]);
export type GenerationEvent = v.InferOutput<typeof generationEventSchema>;

export const generationResultSchema = v.object({
  /** `end`: the model ended by itself; `length`: `maxTokens` or the context was reached. */
  finish: v.picklist(['end', 'length']),
  stats: generationStatsSchema,
});
export type GenerationResult = v.InferOutput<typeof generationResultSchema>;

export const modelInfoSchema = v.object({
  /** The name in the file's metadata, else the file's name. */
  name: v.string(),
  path: filePath,
  architecture: v.string(),
  fileBytes: wholeNumber,
  /** Tokens per slot as loaded. */
  contextSize: wholeNumber,
  layers: wholeNumber,
  gpuLayers: wholeNumber,
  /** The backend in use: `metal`, `cuda`, `vulkan` or `cpu`. */
  gpu: v.picklist(['metal', 'cuda', 'vulkan', 'cpu']),
  threads: wholeNumber,
  /** Machines that hold layers beside this one. */
  remoteMachines: wholeNumber,
  /** Whether the vocabulary has fill-in-the-middle tokens. */
  fim: v.boolean(),
  /** As loaded. */
  kvType: kvTypeSchema,
  /** File names of the adapters that are applied. */
  lora: v.array(v.string()),
  /** Bytes of weights, KV cache and compute buffers. */
  memoryBytes: v.object({ ram: wholeNumber, vram: wholeNumber }),
});
export type ModelInfo = v.InferOutput<typeof modelInfoSchema>;

/** What a role is doing, for the status bar. */
export const roleStateSchema = v.variant('state', [
  /** Turned off by a setting. */
  v.object({ state: v.literal('off') }),
  /** Not loaded; the next request loads it. */
  v.object({ state: v.literal('unloaded') }),
  /** `progress` from 0 to 1. */
  v.object({ state: v.literal('loading'), progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)) }),
  v.object({ state: v.literal('ready'), model: modelInfoSchema, lastStats: v.nullable(generationStatsSchema) }),
  v.object({ state: v.literal('generating'), model: modelInfoSchema, tokensPerSecond: rate }),
  v.object({ state: v.literal('recovering') }),
  v.object({ state: v.literal('error'), failure: failureSchema }),
]);
export type RoleState = v.InferOutput<typeof roleStateSchema>;

/** A model's name, from its file: it goes to a terminal too. */
const shownName = v.pipe(v.string(), v.transform(plainLine));

/** Something that the user should know of and has not asked for. */
export const engineNoticeSchema = v.variant('kind', [
  /** The system is short of memory; models that were idle have been unloaded for it. */
  v.object({ kind: v.literal('memoryPressure'), critical: v.boolean(), availableBytes: wholeNumber, unloaded: v.array(shownName) }),
  /** A model got less than it was to have: a smaller context or a smaller type of the KV cache. */
  v.object({ kind: v.literal('reduced'), role: roleSchema, model: shownName, contextSize: wholeNumber, kvType: kvTypeSchema }),
]);
export type EngineNotice = v.InferOutput<typeof engineNoticeSchema>;

export const engineStatusSchema = v.object({ completion: roleStateSchema, chat: roleStateSchema });
export type EngineStatus = v.InferOutput<typeof engineStatusSchema>;
