import { EngineError } from '../../base/errors.js';
import type { InstalledModel } from '../../protocol/modelTypes.js';
import type { BenchmarkSubject } from './benchmark.js';

export interface BenchmarkWish {
  /** Of installed models; none means all that are still there. */
  readonly ids: readonly string[];
  readonly pod: boolean;
}

/**
 * What to measure: the models here, and last the one on the pod, at `podModel`, where there is one, beside itself on this machine unless
 * only others are named. @throws EngineError `unknownModel`
 */
export function benchmarkSubjects({ ids, pod }: BenchmarkWish, installed: readonly InstalledModel[], podModel: string | null): BenchmarkSubject[] {
  const named = ids.map((id) => {
    const model = installed.find((candidate) => candidate.id === id);
    if (model === undefined) throw new EngineError({ code: 'unknownModel', model: id });
    return model;
  });
  const here: BenchmarkSubject[] = (ids.length > 0 ? named : installed.filter(({ missing }) => !missing)).map((model) => ({ model, where: 'here' }));
  if (!pod || podModel === null) return here;
  const known = installed.find(({ path }) => path === podModel);
  const model: BenchmarkSubject['model'] = known ?? { name: podModel.split(/[\\/]/).at(-1) ?? podModel, path: podModel, quantization: '', bytes: 0, roles: ['chat'] };
  const alone: BenchmarkSubject[] = ids.length > 0 || known !== undefined ? [] : [{ model, where: 'here' }];
  return [...here, ...alone, { model, where: 'pod' }];
}
