import path from 'node:path';
import { checkModelFile } from '../models/gguf/modelFile.js';
import { KeptBenchmarks } from '../models/store/benchmarkResults.js';
import { ModelJudge } from '../models/fit/modelJudge.js';
import type { Predictor } from '../models/predictor.js';
import type { EngineRuntime } from '../runtime/engineRuntime.js';
import type { Trials } from '../runtime/trials.js';
import type { DaemonArguments } from './daemonArguments.js';
import { loadedNow } from './loadedNow.js';
import { useOf, waitingModel } from './optionsOfRoles.js';

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
    waiting: (role) => waitingModel(runtime.status, runtime.options, role),
    limitBytes: () => runtime.options?.memoryBudgetBytes || Infinity,
    use: (role) => useOf(runtime.options, role),
  });
}
