import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { failureOf } from '../../src/engine/base/errors.js';
import type { GgufHeader } from '../../src/engine/models/gguf/ggufHeader.js';
import { checkModelFile } from '../../src/engine/models/gguf/modelFile.js';
import { estimateMemory, type MemoryEstimate } from '../../src/engine/models/memory/memoryEstimate.js';
import { neededBytes } from '../../src/engine/protocol/modelTypes.js';
import type { KvType, ModelOptions } from '../../src/engine/protocol/engineTypes.js';
import type { LoadParams, LoadResult } from '../../src/engine/protocol/workerMessages.js';
import { isFailure } from '../support/failures.js';
import { type SparseShape, writeSparseModel } from '../support/sparseModel.js';
import { workerFolder } from '../support/workerFolder.js';
import { calf, type WorkerProcess } from '../support/workerProcess.js';

const latent = { rank: 512, queryRank: 0, rotated: 64, plain: 128, value: 128 };
const lite = { architecture: 'deepseek2', layers: 27, embedding: 2_048, feedForward: 10_944, heads: 16, kvHeads: 16 } as const;
const liteExperts = { count: 8, used: 6, feedForward: 1_408, shared: 2, dense: 1, groups: 1 };

/** Widths of real models, fewer layers and experts, which are all alike; small vocabularies too, for others hide the activations. */
const shapes: Readonly<Record<string, SparseShape>> = {
  'llama with grouped queries (Llama 8B)': { architecture: 'llama', layers: 4, embedding: 4_096, feedForward: 14_336, heads: 32, kvHeads: 8, vocabulary: 2_000 },
  'llama with all heads (Coder 1.3B)': { architecture: 'llama', layers: 4, embedding: 2_048, feedForward: 5_504, heads: 16, kvHeads: 16, vocabulary: 32_256 },
  'qwen2 (Qwen 1.5B)': { architecture: 'qwen2', layers: 4, embedding: 1_536, feedForward: 8_960, heads: 12, kvHeads: 2, vocabulary: 151_936 },
  'qwen3 (Qwen3 8B)': { architecture: 'qwen3', layers: 3, embedding: 4_096, feedForward: 12_288, heads: 32, kvHeads: 8, vocabulary: 1_000 },
  'deepseek2 with latent attention (V2-Lite)': { ...lite, vocabulary: 1_000, latent: { ...latent, absorbed: true }, experts: liteExperts },
  'deepseek2 from before latent attention (V2-Lite)': { ...lite, vocabulary: 102_400, latent: { ...latent, absorbed: false }, experts: liteExperts },
  'deepseek2 with groups of experts (V3)': {
    architecture: 'deepseek2', layers: 5, embedding: 7_168, feedForward: 18_432, heads: 128, kvHeads: 128, vocabulary: 1_000,
    latent: { ...latent, queryRank: 1_536, absorbed: true },
    experts: { count: 32, used: 8, feedForward: 2_048, shared: 1, dense: 3, groups: 8 },
  },
};

/** Contexts and slots, the batch, and how the cache is kept. */
const uses: readonly (readonly [contextSize: number, slots: number, batchSize: number, kvType: KvType])[] = [
  [512, 1, 512, 'f16'],
  [2_048, 1, 512, 'f16'],
  [1_000, 3, 256, 'f16'],
  [2_048, 1, 512, 'q8_0'],
  [4_096, 1, 128, 'q4_0'],
];

describe('worker: memory', () => {
  const folder = workerFolder();

  const model = (name: string, shape: SparseShape): string => {
    const file = path.join(folder.path, `${name.replace(/\W+/g, '-')}.gguf`);
    if (!fs.existsSync(file)) writeSparseModel(file, shape);
    return file;
  };
  const load = async (change: Partial<ModelOptions>, contexts: Partial<LoadParams>): Promise<{ worker: WorkerProcess; result: LoadResult }> => {
    const worker = folder.fork();
    return { worker, result: await worker.load({ model: { ...calf, ...change }, completion: null, chat: null, remote: null, ...contexts }) };
  };

  for (const [name, shape] of Object.entries(shapes)) {
    it(`is what was estimated, within 5 %: ${name}`, async () => {
      const file = model(name, shape);
      const { headers } = await checkModelFile(file, AbortSignal.timeout(60_000));
      for (const [contextSize, slots, batchSize, kvType] of uses) {
        const { worker, result } = await load({ path: file, batchSize, kvType }, { chat: { contextSize, slots } });
        assert.deepEqual([result.chat?.kvType, result.chat?.contextSize], [kvType, Math.ceil(contextSize / 256) * 256]);
        const real = await allocated(worker);
        const estimate = estimateMemory(headers, [{ contextSize, sequences: slots }], batchSize, kvType);
        for (const kind of ['weights', 'kvCache', 'compute'] as const) {
          const off = estimate[kind] / real[kind] - 1;
          assert.ok(Math.abs(off) <= 0.05, `${kind} of ${contextSize} × ${slots}, ${kvType}, by ${batchSize}: ${estimate[kind]} is ${(off * 100).toFixed(1)} % off ${real[kind]}`);
        }
        await worker.stop();
      }
    });
  }

  it('of rearranged weights is counted once, and the shown memory counts them so', async () => {
    const file = model('rearranged', { architecture: 'llama', layers: 2, embedding: 1_024, feedForward: 2_048, heads: 8, kvHeads: 8, vocabulary: 1_000, type: 2 });
    const { headers } = await checkModelFile(file, AbortSignal.timeout(60_000));
    const { worker, result } = await load({ path: file, mmap: false }, { chat: { contextSize: 512, slots: 1 } });
    const { weights } = estimateMemory(headers, [], 512);
    const real = await allocated(worker);
    assert.ok(Math.abs(weights / real.weights - 1) < 0.05, `${weights} and ${real.weights}`);
    const mapped = await load({ path: file }, { chat: { contextSize: 512, slots: 1 } });
    assert.ok(Math.abs((mapped.result.chat?.memoryBytes.ram ?? 0) / (result.chat?.memoryBytes.ram ?? 0) - 1) < 0.01);
  });

  describe('within a budget', () => {
    const shape: SparseShape = { architecture: 'llama', layers: 4, embedding: 2_048, feedForward: 5_504, heads: 16, kvHeads: 16, vocabulary: 1_000 };
    let headers: readonly GgufHeader[];
    let file: string;
    const need = (contextSize: number, kvType: KvType): number => neededBytes(estimateMemory(headers, [{ contextSize, sequences: 1 }], 512, kvType));
    before(async () => {
      file = model('budget', shape);
      ({ headers } = await checkModelFile(file, AbortSignal.timeout(60_000)));
    });

    it('chooses what fits, and llama.cpp allocates no more', async () => {
      const budgets = [[need(8_192, 'f16'), 8_192, 'f16'], [need(8_192, 'q8_0'), 8_192, 'q8_0'], [need(3_072, 'q8_0'), 3_072, 'q8_0'], [need(1_024, 'q4_0'), 1_024, 'q4_0']] as const;
      for (const [memoryBudgetBytes, contextSize, kvType] of budgets) {
        const { worker, result } = await load({ path: file }, { chat: { contextSize: 0, slots: 1 }, memoryBudgetBytes });
        assert.deepEqual([result.chat?.contextSize, result.chat?.kvType], [contextSize, kvType]);
        const real = neededBytes(await allocated(worker));
        // Sizes in the log have two decimals.
        assert.ok(real <= memoryBudgetBytes + 2 ** 16, `${real} of ${memoryBudgetBytes}`);
      }
    });

    it('refuses what cannot fit with the numbers and what would, and each choice does', async () => {
      const asked = { path: file, kvType: 'f16' } as const;
      const chat = { contextSize: 8_192, slots: 1 };
      const memoryBudgetBytes = need(8_192, 'q8_0');
      const failure = await load(asked, { chat, memoryBudgetBytes }).then(() => assert.fail('it was loaded'), failureOf);
      assert.ok(failure.code === 'insufficientMemory');
      assert.deepEqual([failure.requiredBytes, failure.availableBytes], [Math.ceil(need(8_192, 'f16')), Math.floor(memoryBudgetBytes)]);
      const [kvType, context, ...others] = failure.choices;
      assert.ok(kvType?.kind === 'kvType' && kvType.kvType === 'q8_0');
      assert.ok(context?.kind === 'smallerContext' && context.contextSize < 8_192);
      assert.deepEqual(others, [{ kind: 'smallerQuantization' }, { kind: 'pod' }]);
      await load({ ...asked, kvType: kvType.kvType }, { chat, memoryBudgetBytes });
      await load(asked, { chat: { ...chat, contextSize: context.contextSize }, memoryBudgetBytes });
      await assert.rejects(load(asked, { chat: { ...chat, contextSize: context.contextSize + 256 }, memoryBudgetBytes }), isFailure('insufficientMemory'));
    });
  });

  for (const kvType of ['q8_0', 'q4_0'] as const) {
    it(`answers with a cache of the type ${kvType} and latent attention`, async () => {
      const { worker, result } = await load({ kvType }, { completion: { contextSize: 512, slots: 1 } });
      assert.equal(result.completion?.kvType, kvType);
      const { text } = await worker.complete({ prompt: { context: [], prefix: 'function add(a: number, b: number): number {\n  return ', suffix: '\n}\n', tail: '' }, maxTokens: 8 });
      assert.match(text, /\w/);
    });
  }
});

/** What llama.cpp says in its log that it allocated. */
async function allocated(worker: WorkerProcess): Promise<MemoryEstimate> {
  const sum = (what: RegExp): number => worker.logs.reduce((total, { message }) => total + Number(what.exec(message)?.[1] ?? 0) * 2 ** 20, 0);
  const said = { weights: /model buffer size =\s*([\d.]+) MiB/, kvCache: /KV buffer size =\s*([\d.]+) MiB/, compute: /(?:compute|output) buffer size =\s*([\d.]+) MiB/ };
  while (!worker.logs.some(({ message }) => message.includes('compute buffer size'))) await new Promise((resolve) => setTimeout(resolve, 5));
  return { weights: sum(said.weights), kvCache: sum(said.kvCache), compute: sum(said.compute) };
}
