import path from 'node:path';
import { flashAttention, plannedKvType } from '../models/memory/kvTypes.js';
import { kvBytesPerLayer, plannedContextSize, trainedContextSize } from '../models/memory/memoryEstimate.js';
import { checkAdapters } from '../models/gguf/adapterFiles.js';
import { checkModelFile } from '../models/gguf/modelFile.js';
import type { LoadParams } from '../protocol/workerMessages.js';
import { modelCost } from './core/placement/modelCost.js';
import type { Wish } from './core/state/podState.js';

/** What a plan needs to know of a model and of how it is to be loaded, from the header of its file. @throws EngineError as `checkModelFile` and `checkAdapters` */
export async function readWish({ model, completion, chat }: LoadParams, signal: AbortSignal): Promise<Wish> {
  const file = await checkModelFile(model.path, signal);
  const { headers, fileBytes } = file;
  const adapters = await checkAdapters(model.lora, file, signal);
  const metadata = headers[0]?.metadata ?? new Map();
  const kvType = plannedKvType(metadata, model.kvType);
  const contexts = [completion, chat].filter((context) => context !== null);
  const sizes = contexts.map(({ contextSize }) => plannedContextSize(contextSize, trainedContextSize(metadata)));
  const name = metadata.get('general.name');
  return {
    path: model.path,
    name: (typeof name === 'string' && name.trim() !== '' ? name.trim() : path.basename(model.path)).slice(0, 256),
    bytes: fileBytes,
    cost: modelCost([...headers, ...adapters], kvBytesPerLayer(metadata, kvType), flashAttention(metadata, kvType) !== false),
    context: { tokens: Math.max(0, ...sizes), slots: contexts.reduce((sum, { slots }) => sum + slots, 0), batchSize: model.batchSize },
  };
}
