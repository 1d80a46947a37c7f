import { raceAbort } from '../../base/async.js';
import { inTurn } from '../../base/inTurn.js';
import type { Role } from '../../base/errors.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer } from '../../protocol/modelTypes.js';
import { type BenchmarkResults, type BenchmarkTools, measurementsOf, runBenchmark } from './benchmark.js';
import { benchmarkSubjects, type BenchmarkWish } from './benchmarkSubjects.js';
import { buildOffer, buildOffers, type OfferConditions, type OfferedModel } from './buildOffers.js';
import type { LoadedNow } from './memoryBudget.js';
import type { ModelUse } from './modelNeeds.js';

export interface ModelJudgeOptions extends Omit<BenchmarkTools, 'results'> {
  /** Opened when it is first needed. @throws EngineError `fileUnreadable`, `storageFailed` */
  results(): Promise<BenchmarkResults>;
  /** The model that is meant to run on the pod. */
  podModel(): string | null;
  /** What is loaded, as a new model for the role would find it. */
  loaded(role: Role | null): LoadedNow;
  /** The user's budget for all models, in bytes; `Infinity` for none. */
  limitBytes(): number;
  /** How the settings want a model of the role to be used. */
  use(role: Role | null): ModelUse;
}

/** What this machine would do with models, and what it does. */
export class ModelJudge {
  readonly #inTurn = inTurn();

  constructor(private readonly options: ModelJudgeOptions) {}

  /** Models to choose from, the best of them for each role recommended. @throws EngineError */
  async offers(models: readonly OfferedModel[], use: IntendedUse, signal: AbortSignal): Promise<ModelOffer[]> {
    return buildOffers(models, await this.#conditions(use), signal);
  }

  /** A model by itself. @throws EngineError */
  async offer(model: OfferedModel, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    return buildOffer(model, await this.#conditions(use), signal);
  }

  /** Measures; a second wish waits for the first, since both would be slower than they are. @throws EngineError */
  benchmark(wish: BenchmarkWish, installed: readonly InstalledModel[], onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    const { readHeaders, trials, predictor, results, podModel } = this.options;
    const measured = this.#inTurn(async () => runBenchmark(benchmarkSubjects(wish, installed, podModel()), { readHeaders, trials, predictor, results: await results() }, onEvent, signal));
    return raceAbort(measured, signal);
  }

  async #conditions({ role, contextSize }: IntendedUse): Promise<OfferConditions> {
    const { predictor, loaded, limitBytes, use, results } = this.options;
    return { predictor, contextSize, use: use(role), loaded: loaded(role), limitBytes: limitBytes(), measurements: measurementsOf((await results()).list) };
  }
}
