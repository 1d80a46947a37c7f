import { EngineError } from '../base/errors.js';
import { firstLayers } from '../models/memory/firstLayers.js';
import { estimateMemory, judgeMemory, kvBytesPerLayer, type MachineMemory, plannedContextSize, trainedContextSize } from '../models/memory/memoryEstimate.js';
import type { ModelFile } from '../models/gguf/modelFile.js';
import type { LoadParams } from '../protocol/workerMessages.js';

/**
 * Fails with `insufficientMemory` before native code takes what is not there. With remote layers only what stays on the processor here
 * is looked at: what the other machines and a GPU hold is the plan's matter, and their compute buffers are not ours.
 */
export function refuseTooLarge(file: ModelFile, { model: options, completion, chat, remote }: LoadParams, machine: MachineMemory, supportsMmap: boolean): void {
  const metadata = file.headers[0]?.metadata ?? new Map();
  const trained = trainedContextSize(metadata);
  const contexts = [completion, chat].flatMap((context) =>
    context === null ? [] : [{ contextSize: plannedContextSize(context.contextSize, trained), sequences: context.slots }],
  );
  const whole = estimateMemory(file.headers, contexts, options.batchSize);
  const verdict =
    remote === null
      ? judgeMemory(whole, machine, { mapped: options.mmap && !options.mlock && supportsMmap })
      : judgeMemory(
          { ...estimateMemory(firstLayers(file.headers, Math.max(0, kvBytesPerLayer(metadata).length + 1 - remote.gpuLayers)), contexts, options.batchSize), compute: 0 },
          { ...machine, vramAvailable: 0, unified: false },
          { mapped: false },
        );
  if (!verdict.fits) throw new EngineError({ code: 'insufficientMemory', path: options.path, requiredBytes: verdict.requiredBytes, availableBytes: verdict.availableBytes, choices: [{ kind: 'smallerQuantization' }, { kind: 'pod' }] });
}
