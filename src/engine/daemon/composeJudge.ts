import path from 'node:path';
import type { Role } from '../base/errors.js';
import { checkModelFile } from '../models/gguf/modelFile.js';
import { KeptBenchmarks } from '../models/store/benchmarkResults.js';
import { ModelJudge } from '../models/fit/modelJudge.js';
import { type ModelUse, usualUse } from '../models/fit/modelNeeds.js';
import type { Predictor } from '../models/predictor.js';
import type { EngineOptions } from '../protocol/engineTypes.js';
import type { EngineRuntime } from '../runtime/engineRuntime.js';
import type { Trials } from '../runtime/trials.js';
import type { DaemonArguments } from './daemonArguments.js';
import { loadedNow } from './loadedNow.js';

/** Joins what is known of models with the pod, which predicts, and the runtime, which tries them. Reads nothing before somebody asks. */
export function composeJudge(args: DaemonArguments, predictor: Predictor, runtime: EngineRuntime, trials: Trials): ModelJudge {
  let kept: Promise<KeptBenchmarks> | null = null;
  const open = async (): Promise<KeptBenchmarks> => {
    try {
      return await KeptBenchmarks.open(path.join(args.stateDirectory, 'models'));
    } catch (error) {
      kept = null;
      throw error;
    }
  };
  return new ModelJudge({
    readHeaders: async (file, signal) => ({ kind: 'headers', headers: (await checkModelFile(file, signal)).headers }),
    predictor,
    trials,
    results: () => (kept ??= open()),
    podModel: () => runtime.options?.pod?.model.path ?? null,
    loaded: (role) => loadedNow(runtime.status, runtime.options, role),
    limitBytes: () => runtime.options?.memoryBudgetBytes || Infinity,
    use: (role) => useOf(runtime.options, role),
  });
}

/** As the options have it for the role, or for the one that is on; before anybody has set any, as the settings have it by themselves. */
function useOf(options: EngineOptions | null, role: Role | null): ModelUse {
  const wanted = (role === null ? null : options?.[role]) ?? options?.chat ?? options?.completion;
  return wanted === null || wanted === undefined ? usualUse : { slots: wanted.slots, batchSize: wanted.model.batchSize, kvType: wanted.model.kvType };
}
