import assert from 'node:assert/strict';
import path from 'node:path';
import * as v from 'valibot';
import { EngineError } from '../../../../src/engine/base/errors.js';
import { type BenchmarkResult, type BenchmarkSubject, runBenchmark, type Trial, type TrialRunner } from '../../../../src/engine/models/fit/benchmark.js';
import { checkModelFile } from '../../../../src/engine/models/gguf/modelFile.js';
import type { ModelShape, PredictedLoad } from '../../../../src/engine/models/predictor.js';
import { type BenchmarkEvent, benchmarkEventSchema } from '../../../../src/engine/protocol/modelTypes.js';
import { roomy } from '../../../support/fitExamples.js';

const calf = path.resolve('models/calf-q8_0.gguf');
const signal = new AbortController().signal;
const subject = (file: string, changes: Partial<BenchmarkSubject['model']> = {}): BenchmarkSubject => ({ where: 'here', model: { name: path.basename(file), path: file, quantization: 'Q8_0', bytes: 13e6, roles: ['chat'], ...changes } });

function trialOf(file: string, decodeTokensPerSecond: number, remoteMachines = 0): Trial {
  return {
    model: {
      name: 'calf', path: file, architecture: 'llama', fileBytes: 13e6, contextSize: 1_024, layers: 6, gpuLayers: 0, gpu: 'cpu', threads: 4, remoteMachines, fim: true, kvType: 'f16', lora: [],
      memoryBytes: { ram: 1, vram: 0 },
    },
    stats: { promptTokens: 512, cachedTokens: 2, evaluatedTokens: 510, generatedTokens: 96, timeToFirstTokenMs: 200, promptTokensPerSecond: 2_500, decodeTokensPerSecond },
  };
}

/** Says 100 tokens per second of everything, here and on the pod, before anything is measured. */
class Bench {
  readonly events: BenchmarkEvent[] = [];
  readonly loads: PredictedLoad[] = [];
  readonly tried: string[] = [];
  readonly list: BenchmarkResult[] = [];

  run(subjects: readonly BenchmarkSubject[], trials: Partial<TrialRunner> = {}, aborted = signal) {
    const here: TrialRunner['here'] = async (file, role) => {
      this.tried.push(role);
      return trialOf(file, 80);
    };
    const tools = {
      readHeaders: async (file: string, aborted: AbortSignal): Promise<ModelShape> => ({ kind: 'headers', headers: (await checkModelFile(file, aborted)).headers }),
      trials: { here, onPod: async () => trialOf(calf, 30, 1), ...trials },
      predictor: {
        machine: async () => roomy,
        predict: async (load: PredictedLoad) => {
          this.loads.push(load);
          return { here: 100, pod: 50 };
        },
      },
      results: { list: this.list, put: async (result: BenchmarkResult) => void this.list.push(result) },
    };
    return runBenchmark(subjects, tools, (event) => this.events.push(v.parse(benchmarkEventSchema, event)), aborted);
  }
}

describe('benchmark', () => {
  it('says what it measures, and each row when it is there', async () => {
    const bench = new Bench();
    const rows = await bench.run([subject(calf)]);
    assert.deepEqual(bench.events, [{ kind: 'measuring', model: 'calf-q8_0.gguf', where: 'here', done: 0, of: 1 }, { kind: 'row', row: rows[0] }]);
    assert.deepEqual(rows, [{
      model: 'calf-q8_0.gguf', path: calf, quantization: 'Q8_0', bytes: 13e6, where: 'here', machines: 1, gpu: 'cpu', promptTokens: 512, generatedTokens: 96, promptTokensPerSecond: 2_500,
      decodeTokensPerSecond: 80, timeToFirstTokenMs: 200, predictedTokensPerSecond: 100, failure: null,
    }]);
  });

  it('keeps what was measured with what the bandwidth alone predicts, and predicts the next model by it', async () => {
    const bench = new Bench();
    bench.list.push(...(await new Bench().run([subject('/other.gguf')])).map((row) => ({ row: { ...row, decodeTokensPerSecond: 50 }, predicted: 100 })));
    const [row] = await bench.run([subject(calf)]);
    assert.equal(row?.predictedTokensPerSecond, 50);
    assert.equal(bench.list.at(-1)?.predicted, 100);
  });

  it('asks for a prediction from the header, with as much context as a trial fills', async () => {
    const bench = new Bench();
    await bench.run([subject(calf)]);
    const [load] = bench.loads;
    assert.ok(load?.shape.kind === 'headers' && load.shape.headers[0]?.metadata.get('general.architecture') === 'deepseek2');
    assert.equal(load.contextSize, 1_120);
  });

  it('tries a base model with a completion, and any other with a question', async () => {
    const bench = new Bench();
    await bench.run([subject(calf, { roles: ['completion'] }), subject(calf, { roles: ['completion', 'chat'] }), subject(calf, { roles: ['reasoning'] })]);
    assert.deepEqual(bench.tried, ['completion', 'chat', 'chat']);
  });

  it('has the pod beside this machine', async () => {
    const rows = await new Bench().run([subject(calf), { ...subject(calf), where: 'pod' }]);
    assert.deepEqual(rows.map(({ where, machines, decodeTokensPerSecond, predictedTokensPerSecond }) => [where, machines, decodeTokensPerSecond, predictedTokensPerSecond]), [['here', 1, 80, 100], ['pod', 2, 30, 50]]);
  });

  it('goes on after a model that fails, says why, and keeps nothing of it', async () => {
    const bench = new Bench();
    const rows = await bench.run([subject('/nowhere.gguf'), subject(calf)]);
    assert.deepEqual(rows.map(({ failure, decodeTokensPerSecond }) => [failure?.code, decodeTokensPerSecond]), [['modelNotFound', 0], [undefined, 80]]);
    assert.deepEqual(bench.list.map(({ row }) => row.path), [calf]);
  });

  it('ends at once when it is cancelled, with what it has measured kept', async () => {
    const bench = new Bench();
    const cancelled = new AbortController();
    const here: TrialRunner['here'] = async (file) => {
      if (bench.list.length === 0) return trialOf(file, 80);
      cancelled.abort();
      throw new EngineError({ code: 'cancelled' });
    };
    await assert.rejects(bench.run([subject(calf), subject(calf), subject(calf)], { here }, cancelled.signal), (error) => EngineError.is(error, 'cancelled'));
    assert.equal(bench.list.length, 1);
  });
});
