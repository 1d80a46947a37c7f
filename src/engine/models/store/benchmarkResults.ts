import path from 'node:path';
import * as v from 'valibot';
import { inTurn } from '../../base/inTurn.js';
import { readKeptJson, writeKeptJson } from '../../base/keptJson.js';
import { benchmarkRowSchema } from '../../protocol/modelTypes.js';
import type { BenchmarkResult, BenchmarkResults } from '../fit/benchmark.js';

const resultSchema = v.object({ row: benchmarkRowSchema, predicted: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))) });
/** Older ones are of models that are gone. */
const mostResults = 256;
const fileSchema = v.object({ version: v.literal(1), results: v.pipe(v.array(resultSchema), v.maxLength(mostResults)) });
const maxBytes = 4 * 1_024 * 1_024;

/** What was measured on this machine, on disk. */
export class KeptBenchmarks implements BenchmarkResults {
  readonly #inTurn = inTurn();
  #results: readonly BenchmarkResult[];

  private constructor(
    private readonly file: string,
    results: readonly BenchmarkResult[],
    /** Where a damaged list was set aside. */
    readonly damagedKeptAs: string | null,
  ) {
    this.#results = results;
  }

  /** @param directory That of the models' lists. @throws EngineError `fileUnreadable`, `storageFailed` */
  static async open(directory: string): Promise<KeptBenchmarks> {
    const file = path.join(directory, 'benchmarks.json');
    const { value, keptAs } = await readKeptJson(file, fileSchema, maxBytes);
    return new KeptBenchmarks(file, value?.results ?? [], keptAs);
  }

  get list(): readonly BenchmarkResult[] {
    return this.#results;
  }

  async put(result: BenchmarkResult): Promise<void> {
    await this.#inTurn(async () => {
      const others = this.#results.filter(({ row }) => row.path !== result.row.path || row.where !== result.row.where);
      const results = [...others, result].slice(-mostResults);
      await writeKeptJson(this.file, { version: 1, results });
      this.#results = results;
    });
  }
}
