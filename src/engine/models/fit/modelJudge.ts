import { raceAbort, throwIfAborted } from '../../base/async.js';
import { inTurn } from '../../base/inTurn.js';
import type { Role } from '../../base/errors.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel, IntendedUse, ModelOffer } from '../../protocol/modelTypes.js';
import { type BenchmarkResults, type BenchmarkTools, measurementsOf, runBenchmark } from './benchmark.js';
import type { MachineMemoryFacts } from '../predictor.js';
import { benchmarkSubjects, type BenchmarkWish } from './benchmarkSubjects.js';
import { buildOffer, buildOffers, type OfferConditions, type OfferedModel } from './buildOffers.js';
import { emptyRoom, type LoadedNow, memoryBudget } from './memoryBudget.js';
import type { ModelUse } from './modelNeeds.js';
import { besideWaiting, type WaitingModel } from './waitingModel.js';

export interface ModelJudgeOptions extends Omit<BenchmarkTools, 'results'> {
  /** Opened when it is first needed. @throws EngineError `fileUnreadable`, `storageFailed` */
  results(): Promise<BenchmarkResults>;
  /** The model that is meant to run on the pod. */
  podModel(): string | null;
  /** What is loaded, as a new model for the role would find it. */
  loaded(role: Role | null): LoadedNow;
  /** The model of the other role, where it is not loaded. */
  waiting(role: Role | null): WaitingModel | null;
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
    return buildOffers(models, await this.#conditions(use, signal), signal);
  }

  /** A model by itself. @throws EngineError */
  async offer(model: OfferedModel, use: IntendedUse, signal: AbortSignal): Promise<ModelOffer> {
    return buildOffer(model, await this.#conditions(use, signal), signal);
  }

  /** Measures; a second wish waits for the first, since both would be slower than they are. @throws EngineError */
  benchmark(wish: BenchmarkWish, installed: readonly InstalledModel[], onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
    const { readHeaders, trials, predictor, results, podModel } = this.options;
    const measured = this.#inTurn(async () => runBenchmark(benchmarkSubjects(wish, installed, podModel()), { readHeaders, trials, predictor, results: await results() }, onEvent, signal));
    return raceAbort(measured, signal);
  }

  async #conditions({ role, contextSize }: IntendedUse, signal: AbortSignal): Promise<OfferConditions> {
    const { predictor, use, results } = this.options;
    const machine = await predictor.machine(signal);
    const limitBytes = this.options.limitBytes();
    return { machine, predictor, contextSize, use: use(role), loaded: await this.#loaded(role, machine, limitBytes, signal), limitBytes, measurements: measurementsOf((await results()).list) };
  }

  /** What is loaded, with the model of the other role as it will be. */
  async #loaded(role: Role | null, machine: MachineMemoryFacts, limitBytes: number, signal: AbortSignal): Promise<LoadedNow> {
    const now = this.options.loaded(role);
    const waiting = now.beside === null ? this.options.waiting(role) : null;
    if (waiting === null) return now;
    const { availableBytes } = memoryBudget(machine, { ...emptyRoom, replacedBytes: now.replacedBytes, limitBytes });
    // A file that cannot be read takes no memory; the engine says so when it is asked for.
    const shape = await this.options.readHeaders(waiting.path, signal).catch(() => null);
    throwIfAborted(signal);
    return { ...now, beside: shape === null ? null : besideWaiting(waiting, shape, availableBytes) };
  }
}
