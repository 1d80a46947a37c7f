import {
  type ChatHistoryItem,
  type ChatWrapper,
  type CustomBatchingPrioritizationStrategy,
  getLlama,
  getLlamaGpuTypes,
  type Llama,
  type LlamaContextSequence,
  LlamaGrammarEvaluationState,
  type LlamaGpuType,
  LlamaLogLevel,
  type LlamaModel,
  resolveChatWrapper,
  type Token,
  type Tokenizer,
} from 'node-llama-cpp';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { throwIfAborted } from '../base/async.js';
import { EngineError, messageOf, type Role } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { chooseThreads } from '../ggml/chooseThreads.js';
import { mathCores } from '../ggml/mathCores.js';
import type { ChatTurn, GpuChoice, KvType, ModelInfo, Sampling } from '../protocol/engineTypes.js';
import type { MachineMemory } from '../models/memory/memoryVerdict.js';
import { checkAdapters } from '../models/gguf/adapterFiles.js';
import { checkModelFile } from '../models/gguf/modelFile.js';
import type { LoadParams } from '../protocol/workerMessages.js';
import { batchShares } from './batchShares.js';
import { thoughtOpening } from './generationPrompt.js';
import { type GpuBackend, gpuOrder } from './gpuOrder.js';
import type { ChatPrompt, FimTokens, InferenceBackend, LoadedModel, LoadEvents, RoleContext, Sequence, Tokens, Vocabulary } from './inferenceBackend.js';
import { LlamaLog } from './llamaLog.js';
import { type LoadPlan, planLoad } from './loadPlan.js';
import { cutLongRuns } from './longRuns.js';
import { RemoteLayers, type RemoteServers } from './remoteLayers.js';
import { rightRoles } from './rightRoles.js';
import { beginningGrammar } from './tokenHealing.js';

/** llama.cpp's own window of the repeat penalty. */
const penaltyWindow = 64;
/** Share of the load that reads the weights; the rest makes the contexts. */
const weightsShare = 0.9;

const nativeGpu: Readonly<Record<GpuBackend, LlamaGpuType>> = { metal: 'metal', cuda: 'cuda', vulkan: 'vulkan', cpu: false };
const nativeKvType = { f16: 'F16', q8_0: 'Q8_0', q4_0: 'Q4_0' } as const satisfies Readonly<Record<KvType, string>>;
// The bindings brand token ids; ours are plain numbers that came from them.
const native = (tokens: Tokens): Token[] => tokens as unknown as Token[];

/** llama.cpp through node-llama-cpp. */
export class LlamaBackend implements InferenceBackend {
  readonly #log: LlamaLog;

  /** `packages` is the folder of node-llama-cpp's prebuilt packages. */
  constructor(private readonly logger: Logger, private readonly packages: string) {
    this.#log = new LlamaLog(logger);
  }

  async load(asked: LoadParams, events: LoadEvents, signal: AbortSignal): Promise<LoadedModel> {
    const { model: options, remote } = asked;
    events.progress(0);
    const file = await checkModelFile(options.path, signal);
    const adapters = await checkAdapters(options.lora, file, signal);
    const { params, wrongRole } = rightRoles(asked, file);
    const llama = await this.#open(options.gpu, remote && { endpoints: remote.endpoints, localMemory: events.localMemory, signal });
    throwIfAborted(signal);
    const whole = { ...file, headers: [...file.headers, ...adapters] };
    const plan = planLoad(whole, params, { memory: await machineMemory(llama), supportsMmap: llama.supportsMmap, processorOnly: llama.gpu === false, arch: process.arch });
    this.logger.info(`contexts of ${plan.completion ?? 'no'} (completion) and ${plan.chat ?? 'no'} tokens (chat), KV cache ${plan.kvType}${plan.reduced ? ', less than with more memory' : ''}`);
    this.#log.begin();
    try {
      // Which device got which layer is said at this level only, and only a remote load asks.
      if (remote !== null) llama.logLevel = LlamaLogLevel.debug;
      const model = await llama.loadModel({
        modelPath: options.path,
        useMlock: options.mlock,
        loadSignal: signal,
        onLoadProgress: (progress) => events.progress(progress * weightsShare),
        ...(remote === null
          ? { gpuLayers: llama.gpu === false ? 0 : options.gpuLayers, useMmap: options.mmap }
          : // Mapped weights would stay here in full. The bindings' own checks count remote memory as if it were one local GPU.
            { gpuLayers: remote.gpuLayers, useMmap: false, ignoreMemorySafetyChecks: true }),
      });
      if (remote !== null) await this.#log.waitFor(() => this.#log.layerDevices.length >= model.fileInsights.totalLayers);
      const layerDevices = remote && Array.from(this.#log.layerDevices, (device) => device ?? 'unknown');
      llama.logLevel = LlamaLogLevel.info;
      const counters = { decodeSteps: 0, evaluatedTokens: 0 };
      const count = (tokens: number): void => {
        counters.decodeSteps += 1;
        counters.evaluatedTokens += tokens;
      };
      const vocabulary = createVocabulary(model);
      const context = (role: Role): Promise<RoleContext> | null => params[role] && this.#context(llama, model, params, plan, role, file.fileBytes, vocabulary, count, signal);
      const completion = await context('completion');
      const chat = await context('chat');
      events.progress(1);
      return { layerDevices, reduced: plan.reduced, wrongRole, vocabulary, roles: { completion, chat }, counters: () => ({ ...counters }) };
    } catch (error) {
      throwIfAborted(signal);
      if (EngineError.is(error)) throw error;
      await this.#log.waitFor(() => this.#log.reason !== null);
      const reason = this.#log.reason ?? messageOf(error);
      const adapter = options.lora.find(({ path }) => messageOf(error).includes(`LoRA adapter "${path}"`));
      if (adapter !== undefined) throw new EngineError({ code: 'loraFailed', path: adapter.path, reason }, { cause: error });
      throw new EngineError({ code: 'loadFailed', path: options.path, reason }, { cause: error });
    }
  }

  async #open(choice: GpuChoice, remote: RemoteServers | null): Promise<Llama> {
    const supported = await getLlamaGpuTypes('supported');
    let reason = 'this machine has no device or driver for it';
    for (const backend of gpuOrder(choice, process.platform, process.arch)) {
      if (backend !== 'cpu' && !supported.includes(nativeGpu[backend])) continue;
      try {
        const layers = remote && (await RemoteLayers.open(this.packages, backend, remote));
        // Without a GPU here the bindings offload nothing, unless they find the servers when they look.
        if (backend === 'cpu') await layers?.connect();
        const llama = await getLlama({
          gpu: nativeGpu[backend],
          build: 'never',
          progressLogs: false,
          // Each context has as many threads as chosen, also while the other one decodes.
          maxThreads: 0,
          logLevel: LlamaLogLevel.info,
          logger: (level, message) => this.#log.write(level, message),
        });
        if (backend === 'cpu') return llama;
        if (llama.supportsGpuOffloading) {
          await layers?.connect();
          return llama;
        }
        reason = 'it found no device';
        await llama.dispose();
      } catch (error) {
        if (EngineError.is(error)) throw error;
        reason = this.#log.reason ?? messageOf(error);
        this.logger.warn(`the backend ${backend} cannot be used: ${reason}`);
      }
    }
    throw new EngineError({ code: 'gpuUnavailable', gpu: choice, reason });
  }

  async #context(
    llama: Llama,
    model: LlamaModel,
    params: LoadParams,
    plan: LoadPlan,
    role: Role,
    fileBytes: number,
    vocabulary: Vocabulary,
    count: (tokens: number) => void,
    signal: AbortSignal,
  ): Promise<RoleContext> {
    const { threads, batchSize } = params.model;
    const slots = params[role]?.slots ?? 1;
    const { totalLayers } = model.fileInsights;
    // Threads that have nothing to compute would take cores by waiting for it.
    const bytesHere = model.size * (1 - Math.min(model.gpuLayers, totalLayers) / totalLayers);
    const strategy: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
      const shares = batchShares(items.map((item) => item.tokens.length), size);
      count(shares.reduce((sum, share) => sum + share, 0));
      return items.map((item, index) => ({ item, processAmount: shares[index] ?? 0 })).filter((share) => share.processAmount > 0);
    };
    const context = await model.createContext({
      contextSize: plan[role] ?? 0,
      sequences: slots,
      experimentalKvCacheKeyType: nativeKvType[plan.kvType],
      experimentalKvCacheValueType: nativeKvType[plan.kvType],
      flashAttention: plan.flashAttention,
      batchSize,
      threads: chooseThreads({ requested: threads, cores: mathCores(), keepsThreads: llama.systemInfo.includes('KEPT_THREADS = 1'), processorBytes: bytesHere }),
      batching: { itemPrioritizationStrategy: strategy },
      lora: { adapters: params.model.lora.map(({ path, scale }) => ({ filePath: path, scale })) },
      // A smaller context than asked for would drop text without a word.
      failedCreationRemedy: false,
      ignoreMemorySafetyChecks: params.remote !== null,
      createSignal: signal,
    });
    const info: ModelInfo = {
      name: model.fileInfo.metadata.general.name ?? path.basename(params.model.path),
      path: params.model.path,
      architecture: model.fileInfo.metadata.general.architecture,
      fileBytes,
      contextSize: context.contextSize,
      layers: totalLayers,
      gpuLayers: model.gpuLayers,
      gpu: llama.gpu === false ? 'cpu' : llama.gpu,
      threads: context.idealThreads,
      remoteMachines: params.remote?.endpoints.length ?? 0,
      fim: vocabulary.fim !== null,
      kvType: plan.kvType,
      lora: params.model.lora.map(({ path: file }) => path.basename(file)),
      // A processor may have rearranged weights; the mapped ones they came from are not read again.
      memoryBytes: { ram: Math.min(model.memoryUsage.ram, model.size) + context.memoryUsage.ram, vram: model.memoryUsage.vram + context.memoryUsage.vram },
    };
    return { info, batchSize: context.batchSize, sequences: Array.from({ length: slots }, () => createSequence(llama, context.getSequence())) };
  }
}

async function machineMemory(llama: Llama): Promise<MachineMemory> {
  const ram = await llama.getRamState();
  const vram = await llama.getVramState();
  // A container may have less than the machine; 0 means that it has no limit.
  const limit = process.constrainedMemory() || ram.total;
  return {
    ramTotal: Math.min(ram.total, limit),
    // macOS counts pages that it would give at once as used; only wired ones stay.
    ramAvailable: process.platform === 'darwin' ? ram.total - ram.wired : Math.min(ram.free, process.availableMemory()),
    vramAvailable: vram.free,
    unified: vram.unifiedSize > 0,
  };
}

async function createBeginning(llama: Llama, { model }: LlamaContextSequence, startsWith: string): Promise<LlamaGrammarEvaluationState> {
  return new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar: beginningGrammar(startsWith) }) });
}

function createSequence(llama: Llama, sequence: LlamaContextSequence): Sequence {
  return {
    async keepPrefix(tokens) {
      // Without shifting: moved cells give slightly other results than evaluated ones.
      await sequence.adaptStateToTokens(native(tokens), false);
      return sequence.nextTokenIndex;
    },
    evaluate: (tokens) => sequence.evaluateWithoutGeneratingNewTokens(native(tokens)),
    async *generate(tokens, sampling, startsWith) {
      const recent = [...sequence.contextTokens, ...native(tokens)].slice(-penaltyWindow);
      const before = recent.slice(-4);
      const made: Token[] = [];
      // The grammar looks at the whole vocabulary, so it is let go as soon as the beginning is there.
      let beginning = startsWith === '' ? undefined : await createBeginning(llama, sequence, startsWith);
      const options = { ...samplerOptions(sampling, () => recent), grammarEvaluationState: () => beginning };
      for await (const token of sequence.evaluate(native(tokens), options)) {
        recent.push(token);
        recent.splice(0, recent.length - penaltyWindow);
        if (beginning !== undefined) {
          made.push(token);
          if (sequence.model.detokenize(made, false, before).length >= startsWith.length) beginning = undefined;
        }
        yield token;
      }
    },
  };
}

function samplerOptions(sampling: Sampling, recent: () => Token[]): Parameters<LlamaContextSequence['evaluate']>[1] {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = sampling;
  return {
    temperature,
    topP,
    topK,
    minP,
    seed: seed ?? randomInt(0xffff_ffff),
    ...(repeatPenalty === 1 ? {} : { repeatPenalty: { penalty: repeatPenalty, punishTokens: recent, maxPunishTokens: penaltyWindow } }),
  };
}

/** The model's tokenizer, for texts of which no part is too long for it: see `cutLongRuns`. */
function tokenizerFor({ tokenizer }: LlamaModel): Tokenizer {
  const tokenize = (text: string, special?: boolean | 'builtin', space?: 'trimLeadingSpace'): Token[] => {
    if (special === 'builtin') return tokenizer(text as Parameters<Tokenizer>[0], special);
    return cutLongRuns(text).flatMap((piece, index) => tokenizer(piece, special, index === 0 ? space : 'trimLeadingSpace'));
  };
  const { detokenize, isSpecialToken, isEogToken } = tokenizer;
  return Object.assign(tokenize, { detokenize, isSpecialToken, isEogToken });
}

function createVocabulary(model: LlamaModel): Vocabulary {
  const tokenizer = tokenizerFor(model);
  const { prefix, suffix, middle } = model.tokens.infill;
  const fim: FimTokens | null = prefix === null || suffix === null || middle === null ? null : { begin: prefix, hole: suffix, end: middle };
  // Control tokens are no text, but the marks around a thought are.
  const marks = new Set(['<think>', '</think>'].map((mark) => model.tokenize(mark, true)).filter((tokens) => tokens.length === 1).flat());
  const isMark = (token: Token): boolean => marks.has(token);
  let chat: ChatFormat | null = null;
  return {
    begin: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
    fim,
    tokenize: (text) => tokenizer(text, false),
    textOf: (tokens, before) => model.detokenize(native(tokens), native(tokens).some(isMark), native(before)),
    chatPrompt(turns) {
      chat ??= chatFormat(model);
      return chatPrompt(model, tokenizer, chat, turns);
    },
  };
}

interface ChatFormat {
  readonly wrapper: ChatWrapper;
  /** See `thoughtOpening`; the bindings' wrappers leave it out. */
  readonly opening: string;
}

function chatFormat(model: LlamaModel): ChatFormat {
  const template = model.fileInfo.metadata.tokenizer.chat_template ?? '';
  const opening = thoughtOpening(template, model.tokens.bosString ?? '', model.tokens.eosString ?? '');
  return { wrapper: resolveChatWrapper(model, { warningLogs: false }), opening };
}

function chatPrompt(model: LlamaModel, tokenizer: Tokenizer, { wrapper, opening }: ChatFormat, turns: readonly ChatTurn[]): ChatPrompt {
  const history = turns.map((turn): ChatHistoryItem => (turn.role === 'assistant' ? { type: 'model', response: [turn.text] } : { type: turn.role, text: turn.text }));
  const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory: [...history, { type: 'model', response: [] }] });
  const rendered = contextText.tokenize(tokenizer);
  const opens = opening !== '' && !model.detokenize(rendered.slice(-8), true).endsWith(opening);
  const tokens = opens ? [...rendered, ...model.tokenize(opening, true)] : rendered;
  const stops = stopGenerationTriggers.map((trigger) => trigger.tokenize(model.tokenizer)).filter((trigger) => trigger.length > 0);
  const isStopToken = (trigger: Token[]): boolean => trigger.length === 1 && model.isSpecialToken(trigger[0]);
  const opened = /<think>\s*$/.exec(model.detokenize(tokens.slice(-8), true))?.[0] ?? '';
  return {
    tokens,
    stopTokens: new Set(stops.filter(isStopToken).flat()),
    stopTexts: stops.filter((trigger) => !isStopToken(trigger)).map((trigger) => model.detokenize(trigger, true)),
    opened,
  };
}
