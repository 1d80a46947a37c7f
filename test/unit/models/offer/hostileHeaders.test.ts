import assert from 'node:assert/strict';
import * as v from 'valibot';
import { buildOffer } from '../../../../src/engine/models/fit/buildOffers.js';
import { usualUse } from '../../../../src/engine/models/fit/modelNeeds.js';
import type { GgufHeader, GgufValue } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { fromHeaders } from '../../../../src/engine/models/offer/offeredModel.js';
import { predictSpeed } from '../../../../src/engine/pod/predictModel.js';
import { modelOfferSchema } from '../../../../src/engine/protocol/modelTypes.js';
import { seededRandom } from '../../../support/ggufFixture.js';

const facts = [
  'block_count', 'context_length', 'embedding_length', 'feed_forward_length', 'expert_count', 'expert_used_count', 'expert_feed_forward_length', 'expert_shared_count', 'expert_group_count',
  'expert_group_used_count', 'expert_weights_scale', 'leading_dense_block_count', 'nextn_predict_layers', 'attention.head_count', 'attention.head_count_kv', 'attention.key_length',
  'attention.value_length', 'attention.key_length_mla', 'attention.value_length_mla', 'attention.kv_lora_rank', 'attention.q_lora_rank', 'attention.sliding_window', 'rope.dimension_count',
];
const values: readonly GgufValue[] = [0, 1, 2, 0.5, 3, 128, 4_096, -1, 2 ** 32 - 1, 2 ** 53, 2 ** 64, 1e308, Infinity, Number.NaN, 'text', true, { length: 3, numbers: [1, 1e300, -5] }, { length: 1e7, numbers: null }];
const architectures = ['llama', 'qwen2', 'deepseek2', 'gemma3'];

describe('headers that say impossible numbers', () => {
  it('are judged with figures that can be told', async () => {
    const random = seededRandom(7);
    const any = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const conditions = {
      machine: { ramTotal: 16e9, ramAvailable: 8e9, gpu: null },
      predictor: {
        predict: async (load: Parameters<typeof predictSpeed>[0]) => predictSpeed(load, [], 8e9, null),
      },
      contextSize: 0,
      use: usualUse,
      loaded: { replacedBytes: 0, beside: null },
      limitBytes: Infinity,
      measurements: [],
    };
    for (let count = 0; count < 500; count++) {
      const architecture = any(architectures);
      const metadata = new Map<string, GgufValue>([['general.architecture', architecture], ...facts.filter(() => random() < 0.8).map((fact) => [`${architecture}.${fact}`, any(values)] as const)]);
      const tensors = [{ name: 'token_embd.weight', dimensions: [any([1, 256, 2 ** 40]), any([1, 1_000, 2 ** 40])], type: 18, offset: 0, bytes: any([0, 1, 2 ** 40]) }];
      const header: GgufHeader = { version: 3, metadata, types: new Map(), tensors, dataOffset: 0, endOffset: 0 };
      const model = fromHeaders({ source: { kind: 'url', url: 'https://hub.example/x.gguf' }, fileName: 'x.gguf', headers: [header], bytes: 1_000, verified: false, installed: null });
      const offer = await buildOffer(model, conditions, new AbortController().signal);
      const told = v.safeParse(modelOfferSchema, JSON.parse(JSON.stringify(offer)));
      assert.ok(told.success, JSON.stringify({ said: [...metadata], issues: told.issues?.map(({ message, path }) => `${v.getDotPath({ path } as v.BaseIssue<unknown>)}: ${message}`) }));
    }
  });
});
