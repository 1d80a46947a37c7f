import { throwIfAborted } from '../../base/async.js';
import { EngineError, type Failure, failureOf, type Role } from '../../base/errors.js';
import type { GenerationStats, ModelInfo } from '../../protocol/engineTypes.js';
import type { BenchmarkEvent, BenchmarkRow, InstalledModel } from '../../protocol/modelTypes.js';
import type { ModelShape, Predictor } from '../predictor.js';
import { calibrated, type Measurement } from './calibration.js';
import { usualUse } from './modelNeeds.js';

/** What a model did when it was tried. */
export interface Trial {
  readonly model: ModelInfo;
  readonly stats: GenerationStats;
}

/** Whoever tries models: the daemon joins it with the runtime. Both reject with an `EngineError`. */
export interface TrialRunner {
  here(path: string, role: Role, signal: AbortSignal): Promise<Trial>;
  onPod(signal: AbortSignal): Promise<Trial>;
}

/** A result with what the memory bandwidth alone had predicted, which calibrates the predictions. */
export interface BenchmarkResult {
  readonly row: BenchmarkRow;
  readonly predicted: number | null;
}

export interface BenchmarkResults {
  readonly list: readonly BenchmarkResult[];
  /** Takes the place of an earlier result of the same model in the same place. @throws EngineError `storageFailed` */
  put(result: BenchmarkResult): Promise<void>;
}

export interface BenchmarkTools {
  /** What the headers of a file say. @throws EngineError as `checkModelFile` */
  readHeaders(path: string, signal: AbortSignal): Promise<ModelShape>;
  readonly trials: TrialRunner;
  readonly predictor: Predictor;
  readonly results: BenchmarkResults;
}

/** A model that is to be measured. */
export interface BenchmarkSubject {
  readonly model: Pick<InstalledModel, 'name' | 'path' | 'quantization' | 'bytes' | 'roles'>;
  readonly where: BenchmarkRow['where'];
}

/** The tokens that a trial has in its cache in the middle of its answer, as the half of a full context that predictions take. */
const trialContextSize = 2 * 560;

/** What was measured, for `calibrated`. */
export function measurementsOf(results: readonly BenchmarkResult[]): Measurement[] {
  return results.map(({ row, predicted }) => ({ path: row.path, where: row.where, predicted: predicted ?? 0, measured: row.decodeTokensPerSecond }));
}

/**
 * Measures one model after the other. A model that fails has a row that says why, and the next one follows. What was measured is kept
 * at once. @throws EngineError `cancelled`, `storageFailed`
 */
export async function runBenchmark(subjects: readonly BenchmarkSubject[], tools: BenchmarkTools, onEvent: (event: BenchmarkEvent) => void, signal: AbortSignal): Promise<BenchmarkRow[]> {
  const rows: BenchmarkRow[] = [];
  for (const [done, subject] of subjects.entries()) {
    throwIfAborted(signal);
    onEvent({ kind: 'measuring', model: subject.model.name, where: subject.where, done, of: subjects.length });
    const { row, predicted } = await measure(subject, tools, signal);
    if (row.failure === null) await tools.results.put({ row, predicted });
    rows.push(row);
    onEvent({ kind: 'row', row });
  }
  return rows;
}

async function measure({ model, where }: BenchmarkSubject, { readHeaders, trials, predictor, results }: BenchmarkTools, signal: AbortSignal): Promise<BenchmarkResult> {
  const { name, path, quantization, bytes, roles } = model;
  const failed = (failure: Failure): BenchmarkResult => ({
    predicted: null,
    row: { model: name, path, quantization, bytes, where, machines: 1, gpu: 'cpu', promptTokens: 0, generatedTokens: 0, promptTokensPerSecond: 0, decodeTokensPerSecond: 0, timeToFirstTokenMs: 0, predictedTokensPerSecond: null, failure },
  });
  try {
    const shape = await readHeaders(path, signal);
    const bare = await predictor.predict({ shape, contextSize: trialContextSize, kvType: 'f16', slots: 1, batchSize: usualUse.batchSize }, signal);
    const others = measurementsOf(results.list).filter((measurement) => measurement.path !== path);
    const expected = calibrated(bare, null, others);
    const role = roles.some((one) => one !== 'completion') ? 'chat' : 'completion';
    const trial = where === 'pod' ? await trials.onPod(signal) : await trials.here(path, role, signal);
    const { promptTokens, generatedTokens, promptTokensPerSecond, decodeTokensPerSecond, timeToFirstTokenMs } = trial.stats;
    return {
      predicted: bare[where],
      row: {
        model: name,
        path,
        quantization,
        bytes,
        where,
        machines: trial.model.remoteMachines + 1,
        gpu: trial.model.gpu,
        promptTokens,
        generatedTokens,
        promptTokensPerSecond,
        decodeTokensPerSecond,
        timeToFirstTokenMs,
        predictedTokensPerSecond: expected[where],
        failure: null,
      },
    };
  } catch (error) {
    if (EngineError.is(error, 'cancelled')) throw error;
    return failed(failureOf(error));
  }
}
