import { EngineError } from '../base/errors.js';
import { emptyRoom, memoryBudget } from '../models/fit/memoryBudget.js';
import type { ModelFile } from '../models/gguf/modelFile.js';
import { chooseContext, type ContextAsk, plannedContexts } from '../models/memory/contextChoice.js';
import { comfortableContextSize } from '../models/memory/contextSearch.js';
import { firstLayers } from '../models/memory/firstLayers.js';
import { flashAttention, plannedKvType } from '../models/memory/kvTypes.js';
import { memoryChoices } from '../models/memory/memoryChoices.js';
import { type ContextPlan, estimateMemory, kvBytesPerLayer, type MemoryEstimate } from '../models/memory/memoryEstimate.js';
import { judgeMemory, type MachineMemory, type MemoryLimits, type MemoryVerdict } from '../models/memory/memoryVerdict.js';
import type { Metadata } from '../models/memory/metadataFacts.js';
import { repackedBytes } from '../models/memory/repackedWeights.js';
import type { KvType } from '../protocol/engineTypes.js';
import { neededBytes } from '../protocol/modelTypes.js';
import type { LoadParams } from '../protocol/workerMessages.js';

/** How a model is loaded: what was left open has been chosen. */
export interface LoadPlan {
  /** Tokens per slot; `null` for a role that is not asked for. */
  readonly completion: number | null;
  readonly chat: number | null;
  readonly kvType: KvType;
  /** See `flashAttention`. */
  readonly flashAttention: boolean | 'auto';
  /** It is less than the model would get with enough memory. */
  readonly reduced: boolean;
}

/** Where a model is loaded. */
export interface LoadMachine {
  readonly memory: MachineMemory;
  readonly supportsMmap: boolean;
  /** All layers stay on the processor. */
  readonly processorOnly: boolean;
  /** As in `process.arch`. */
  readonly arch: string;
}

/**
 * Chooses the context and the KV type within the memory: within what is comfortable if possible, else within what can work at all.
 * Weights that are mapped from the file need not stay in memory; a context that was left open is small then, for it would drive out
 * more of them. Fails with `insufficientMemory` before native code takes what is not there.
 */
export function planLoad(file: ModelFile, params: LoadParams, machine: LoadMachine): LoadPlan {
  const { model: options, completion, chat, remote, memoryBudgetBytes: budgetBytes = Infinity } = params;
  const metadata: Metadata = file.headers[0]?.metadata ?? new Map();
  const asked = [completion, chat].flatMap((context) => (context === null ? [] : [{ contextSize: context.contextSize, sequences: context.slots }]));
  const ask: ContextAsk = { headers: file.headers, contexts: asked, batchSize: options.batchSize, kvType: options.kvType };
  const planOf = (contexts: readonly ContextPlan[], kvType: KvType, reduced: boolean): LoadPlan => {
    const sizes = contexts.map(({ contextSize }) => contextSize);
    return { completion: completion && (sizes[0] ?? 0), chat: chat && (sizes.at(-1) ?? 0), kvType, flashAttention: flashAttention(metadata, kvType), reduced };
  };
  if (remote !== null) {
    const contexts = plannedContexts(ask);
    const kvType = plannedKvType(metadata, options.kvType);
    const verdict = judgeRemote(file, contexts, params, kvType, remote.gpuLayers, machine.memory, budgetBytes);
    if (!verdict.fits) throw insufficient(options.path, verdict, [{ kind: 'smallerQuantization' }]);
    return planOf(contexts, kvType, false);
  }
  const limits = { mappedBytes: mappedBytes(file, options, machine), budgetBytes };
  const fits = possible(machine.memory, limits);
  const choice =
    chooseContext(ask, comfortable(machine.memory, budgetBytes)) ??
    chooseContext({ ...ask, contexts: plannedContexts(ask, comfortableContextSize) }, fits) ??
    chooseContext(ask, fits);
  const wanted = plannedContexts(ask);
  if (choice !== null) {
    const { contexts, kvType, reduced } = choice;
    return planOf(contexts, kvType, reduced || contexts.some(({ contextSize }, index) => contextSize !== wanted[index]?.contextSize));
  }
  const needed = estimateMemory(file.headers, wanted, options.batchSize, plannedKvType(metadata, options.kvType));
  throw insufficient(options.path, judgeMemory(needed, machine.memory, limits), memoryChoices(ask, fits, chat !== null));
}

function comfortable({ ramTotal, ramAvailable, vramAvailable, unified }: MachineMemory, budgetBytes: number): (memory: MemoryEstimate) => boolean {
  const gpu = vramAvailable > 0 ? { total: vramAvailable, unified } : null;
  const { availableBytes } = memoryBudget({ ramTotal, ramAvailable, gpu }, { ...emptyRoom, limitBytes: budgetBytes });
  return (memory) => neededBytes(memory) <= availableBytes;
}

function possible(machine: MachineMemory, limits: MemoryLimits): (memory: MemoryEstimate) => boolean {
  return (memory) => judgeMemory(memory, machine, limits).fits;
}

function mappedBytes({ headers }: ModelFile, { mmap, mlock }: LoadParams['model'], { supportsMmap, processorOnly, arch }: LoadMachine): number {
  if (!mmap || mlock || !supportsMmap) return 0;
  const { weights } = estimateMemory(headers, [], 0);
  return processorOnly ? weights - repackedBytes(headers, arch) : weights;
}

/** With remote layers only what stays on the processor here is looked at: what the other machines and a GPU hold is the plan's matter. */
function judgeRemote(file: ModelFile, contexts: readonly ContextPlan[], { model }: LoadParams, kvType: KvType, gpuLayers: number, memory: MachineMemory, budgetBytes: number): MemoryVerdict {
  const layers = kvBytesPerLayer(file.headers[0]?.metadata ?? new Map()).length;
  const here = estimateMemory(firstLayers(file.headers, Math.max(0, layers + 1 - gpuLayers)), contexts, model.batchSize, kvType);
  return judgeMemory({ ...here, compute: 0 }, { ...memory, vramAvailable: 0, unified: false }, { mappedBytes: 0, budgetBytes });
}

function insufficient(path: string, { requiredBytes, availableBytes }: MemoryVerdict, choices: ReturnType<typeof memoryChoices>): EngineError {
  return new EngineError({ code: 'insufficientMemory', path, requiredBytes: Math.ceil(requiredBytes), availableBytes: Math.floor(Math.max(0, availableBytes)), choices });
}
