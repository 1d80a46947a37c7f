import { raceAbort } from '../../base/async.js';
import { inTurn } from '../../base/inTurn.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, ModelOffer } from '../../protocol/modelTypes.js';
import { type BenchmarkResults, type BenchmarkTools, measurementsOf, runBenchmark } from './benchmark.js';
import { benchmarkSubjects, type BenchmarkWish } from './benchmarkSubjects.js';
import { buildOffer, buildOffers, type OfferConditions, type OfferedModel } from './buildOffers.js';
import { type ModelUse, usualUse } from './modelNeeds.js';

export interface ModelJudgeOptions extends Omit<BenchmarkTools, 'results'> {
  /** Opened when it is first needed. @throws EngineError `fileUnreadable`, `storageFailed` */
  results(): Promise<BenchmarkResults>;
  /** The model that is meant to run on the pod. */
  podModel(): string | null;
  /** Main memory that loaded models hold now, in bytes. */
  ownBytes(): number;
  /** The user's budget for all models, in bytes; 0 for none. */
  limitBytes(): number;
  /** The type of the KV cache that the user wants. */
  kvType(): ModelUse['kvType'];
}

/** What this machine would do with models, and what it does. */
export class ModelJudge {
  readonly #inTurn = inTurn();

  constructor(private readonly options: ModelJudgeOptions) {}

  /** Models to choose from, the best of them for each role recommended. `contextSize` 0 is the usual one. @throws EngineError */
  async offers(models: readonly OfferedModel[], contextSize: number, signal: AbortSignal): Promise<ModelOffer[]> {
    return buildOffers(models, await this.#conditions(contextSize), signal);
  }

  /** A model by itself. @throws EngineError */
  async offer(model: OfferedModel, contextSize: number, signal: AbortSignal): Promise<ModelOffer> {
    return buildOffer(model, await this.#conditions(contextSize), signal);
  }

  /** Measures; a second wish waits for the first, since both would be slower than they are. @throws EngineError */
  benchmark(wish: BenchmarkWish, installed: readonly InstalledModel[], onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    const { readHeaders, trials, predictor, results, podModel } = this.options;
    const measured = this.#inTurn(async () => runBenchmark(benchmarkSubjects(wish, installed, podModel()), { readHeaders, trials, predictor, results: await results() }, onEvent, signal));
    return raceAbort(measured, signal);
  }

  async #conditions(contextSize: number): Promise<OfferConditions> {
    const { predictor, ownBytes, limitBytes, kvType, results } = this.options;
    return { predictor, contextSize, use: { ...usualUse, kvType: kvType() }, ownBytes: ownBytes(), limitBytes: limitBytes(), measurements: measurementsOf((await results()).list) };
  }
}
