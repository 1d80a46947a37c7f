import assert from 'node:assert/strict';
import { fitHere, judgeFit } from '../../../../src/engine/models/fit/judgeFit.js';
import { type ModelUse, needsOf } from '../../../../src/engine/models/fit/modelNeeds.js';
import { neededBytes } from '../../../../src/engine/protocol/modelTypes.js';
import type { ModelShape } from '../../../../src/engine/models/predictor.js';
import { shapes } from '../../../support/fitExamples.js';

const one = { slots: 1, batchSize: 512, kvType: 'auto' } as const;
const gib = 2 ** 30;
const budget = { availableBytes: 12 * gib, reserveBytes: 4 * gib };
const alone = { here: 20, pod: null };

const fitIn = (shape: ModelShape, gibibytes: number, asked: number, trained = 16_384, use: ModelUse = one) => fitHere(shape, { contextSize: trained }, asked, use, gibibytes * gib);

describe('fit of a model', () => {
  it('fits with 16-bit floats where there is room for them', () => {
    const { best } = fitIn(shapes.coder7, 16, 16_384);
    assert.deepEqual({ ...best, memory: null }, { verdict: 'fits', contextSize: 16_384, kvType: 'f16', memory: null });
    assert.equal(best?.memory.kvCache, 8 * gib);
    assert.equal(best.memory.weights, 4.08e9);
  });

  it('keeps the context and takes half the bits before it takes less of it', () => {
    const { best } = fitIn(shapes.coder7, 12, 16_384);
    assert.deepEqual([best?.verdict, best?.contextSize, best?.kvType], ['fits', 16_384, 'q8_0']);
    assert.equal(best?.memory.kvCache, (8 * gib * 34) / 64);
  });

  it('keeps the type of the cache that the user wants, and takes less of the context', () => {
    const exact = fitIn(shapes.coder7, 12, 16_384, 16_384, { ...one, kvType: 'f16' }).best;
    assert.deepEqual([exact?.verdict, exact?.kvType], ['smallerContext', 'f16']);
    assert.ok(exact !== null && exact.contextSize < 16_384 && neededBytes(exact.memory) <= 12 * gib);
    const small = fitIn(shapes.coder7, 64, 16_384, 16_384, { ...one, kvType: 'q4_0' });
    assert.deepEqual([small.best?.verdict, small.best?.kvType, small.asked.kvType], ['fits', 'q4_0', 'q4_0']);
  });

  it('has 16-bit floats where the model cannot have the type that the user wants', () => {
    const metadata = new Map<string, string | number>([['general.architecture', 'grok'], ['grok.block_count', 4], ['grok.embedding_length', 512], ['grok.context_length', 4_096], ['grok.attention.head_count', 8]]);
    const { best } = fitIn({ kind: 'headers', headers: [{ metadata, tensors: [] }] }, 16, 0, 4_096, { ...one, kvType: 'q8_0' });
    assert.equal(best?.kvType, 'f16');
  });

  it('says with which context it fits where it does not with the one that was asked for', () => {
    const { best } = fitIn(shapes.coder7, 7, 16_384);
    assert.deepEqual([best?.verdict, best?.kvType], ['smallerContext', 'q8_0']);
    assert.ok(best !== null && neededBytes(best.memory) <= 7 * gib);
    const more = needsOf(shapes.coder7, one, { ...best, contextSize: best.contextSize + 256 });
    assert.ok(neededBytes(more) > 7 * gib);
  });

  it('asks for no more tokens than the model was trained for, and for the usual ones when left open', () => {
    assert.equal(fitIn(shapes.coder7, 64, 100_000).best?.contextSize, 16_384);
    assert.equal(fitIn(shapes.coder7, 64, 0).best?.contextSize, 8_192);
    assert.equal(fitIn(shapes.coder7, 64, 0, 4_096).best?.contextSize, 4_096);
  });

  it('without room is a matter of the pod, with the context that was asked for', () => {
    const fit = judgeFit(fitIn(shapes.llama70, 12, 8_192), { here: 1, pod: 7 }, budget, 'catalogue');
    assert.deepEqual([fit.verdict, fit.contextSize, fit.kvType, fit.tokensPerSecond], ['pod', 8_192, 'f16', 7]);
  });

  it('without room and without a pod it is too large, by the smallest context, and has no speed', () => {
    const fit = judgeFit(fitIn(shapes.llama70, 12, 8_192), alone, budget, 'catalogue');
    assert.deepEqual([fit.verdict, fit.contextSize, fit.kvType, fit.tokensPerSecond], ['tooLarge', 512, 'q4_0', null]);
  });

  it('shows the memory with what is left to the system', () => {
    const fit = judgeFit(fitIn(shapes.coder1, 12, 0), alone, budget, 'catalogue');
    assert.deepEqual(fit.memory, { weights: 873e6, kvCache: 1.5 * gib, compute: 512 * 152_064 * 4, reserve: 4 * gib });
    assert.deepEqual([fit.availableBytes, fit.tokensPerSecond, fit.basis], [12 * gib, 20, 'catalogue']);
  });

  it('works from the header as from the catalogue', () => {
    const facts: readonly (readonly [string, string | number])[] = [
      ['general.architecture', 'llama'], ['llama.block_count', 32], ['llama.embedding_length', 4_096], ['llama.context_length', 16_384],
      ['llama.attention.head_count', 32], ['llama.attention.head_count_kv', 32], ['llama.feed_forward_length', 11_008],
    ];
    const headers = [{ metadata: new Map(facts), tensors: [{ name: 'blk.0.w', dimensions: [], type: 0, offset: 0, bytes: 4.08e9 }] }];
    const { best } = fitHere({ kind: 'headers', headers }, { contextSize: 0 }, 32_768, one, 16 * gib);
    assert.deepEqual([best?.verdict, best?.contextSize, best?.memory.weights, best?.memory.kvCache], ['fits', 16_384, 4.08e9, 8 * gib]);
  });
});
