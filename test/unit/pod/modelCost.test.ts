import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type GgufHeader, readGgufHeader } from '../../../src/engine/models/gguf/ggufHeader.js';
import { flashAttention } from '../../../src/engine/models/memory/kvTypes.js';
import { kvBytesPerLayer, kvBytesPerToken } from '../../../src/engine/models/memory/memoryEstimate.js';
import { type HeaderFacts, modelCost, type ModelCost } from '../../../src/engine/pod/core/placement/modelCost.js';
import { place } from '../../../src/engine/pod/core/placement/placement.js';
import type { KvType } from '../../../src/engine/protocol/engineTypes.js';
import { adapterBytes, calfDown } from '../../support/adapters.js';
import { deepseekV3 } from '../../support/deepseekV3.js';
import { rangeCost } from '../../../src/engine/pod/core/placement/rangeCost.js';
import { gigabyte, ours, remote } from '../../support/placementExamples.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const layerBytes = (cost: ModelCost): number => sum(cost.layers.map((layer) => layer.bytes));
const fileBytes = (header: HeaderFacts): number => sum(header.tensors.map((tensor) => tensor.bytes));
const costOf = (header: HeaderFacts, kvType: KvType = 'f16'): ModelCost => modelCost([header], kvBytesPerLayer(header.metadata, kvType), flashAttention(header.metadata, kvType) !== false);

async function calf(): Promise<GgufHeader> {
  const bytes = fs.readFileSync('models/calf-q8_0.gguf');
  return readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
}

describe('model cost', () => {
  it('finds every byte of calf in its layers, its output layer or its input', async () => {
    const header = await calf();
    const cost = costOf(header);
    assert.equal(layerBytes(cost) + cost.output.bytes + cost.inputBytes, fileBytes(header));
    assert.equal(cost.layers.length, 6);
    assert.equal(cost.output.tied, false);
  });

  it('counts of calf one dense layer and five with experts, of which some are read for a token', async () => {
    const { layers } = costOf(await calf());
    const [dense, ...sparse] = layers;
    assert.equal(dense?.activeBytes, dense?.bytes);
    for (const layer of sparse) assert.ok(layer.activeBytes < 0.6 * layer.bytes && layer.activeBytes > 0.4 * layer.bytes);
  });

  it('counts an adapter with the layer that it is for', async () => {
    const header = await calf();
    const bytes = adapterBytes([calfDown]);
    const adapter = await readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
    const [plain, adapted] = [costOf(header), modelCost([header, adapter], kvBytesPerLayer(header.metadata), true)];
    assert.deepEqual(adapted.layers.map((layer, index) => layer.bytes - (plain.layers[index]?.bytes ?? 0)), [4 * 4 * (768 + 256), 0, 0, 0, 0, 0]);
  });

  it('divides the KV cache among the layers', async () => {
    const header = await calf();
    assert.equal(sum(costOf(header).layers.map((layer) => layer.kvBytesPerToken)), kvBytesPerToken(header.metadata));
  });

  it('knows what crosses a link: the activations of a token, and the scores over the vocabulary', async () => {
    const header = await calf();
    const cost = costOf(header);
    assert.equal(cost.hopBytes, 4 * Number(header.metadata.get(`${String(header.metadata.get('general.architecture'))}.embedding_length`)));
    assert.equal(cost.logitsBytes, 4 * (header.tensors.find((tensor) => tensor.name === 'token_embd.weight')?.dimensions[1] ?? 0));
  });

  it('reads of 430 GB of DeepSeek-V3 about 23 GB for a token', () => {
    const header = deepseekV3();
    const cost = costOf(header);
    assert.equal(layerBytes(cost) + cost.output.bytes + cost.inputBytes, fileBytes(header));
    const active = sum(cost.layers.map((layer) => layer.activeBytes)) + cost.output.activeBytes;
    // 37 of 671 billion weights take part.
    assert.ok(Math.abs(active / fileBytes(header) - 37 / 671) < 0.003, String(active / fileBytes(header)));
    assert.ok(cost.layers.slice(0, 3).every((layer) => layer.bytes < 0.4 * gigabyte && layer.activeBytes === layer.bytes));
    assert.ok(cost.layers.slice(3).every((layer) => layer.bytes > 7 * gigabyte && layer.activeBytes < 0.4 * gigabyte));
    assert.ok(cost.layers.every((layer) => layer.kvBytesPerToken === 576 * 2));
    assert.equal(cost.hopBytes, 28_672);
  });

  it('plans DeepSeek-V3 over three machines of 192 GB at the speed that their memories allow', () => {
    const studio = { usableBytes: 165 * gigabyte, bandwidth: 600 * gigabyte, layerOverhead: 5e-5, link: { roundTrip: 0.000_3, throughput: 1.1 * gigabyte } };
    const model = costOf(deepseekV3());
    const placement = place([ours('gpu', { ...studio, link: null }), remote('a', studio), remote('b', studio)], model, { tokens: 8_192, slots: 1, batchSize: 512 });
    assert.equal(placement.local.plan, null);
    assert.equal(placement.pod?.parts.length, 3);
    const rate = 1 / placement.pod.secondsPerToken;
    assert.ok(rate > 20 && rate < 26, String(rate));
  });

  it('expects compute buffers of calf a little above those that llama.cpp makes', async () => {
    const header = await calf();
    const model = costOf(header);
    // What llama.cpp v0.4.0 logs in `sched_reserve`, with batches of 512, in MiB by context size.
    for (const [tokens, logged] of [[512, 15.04], [2_048, 24.51], [8_192, 85.04]] as const) {
      const whole = rangeCost(model, { tokens, slots: 1, batchSize: 512 }).bytes(ours('cpu'), 0, 6, true);
      const compute = (whole - fileBytes(header) - tokens * kvBytesPerToken(header.metadata)) / 2 ** 20;
      assert.ok(compute > logged && compute < 1.35 * logged, `${compute} for ${logged}`);
    }
  });

  it('has no scores of the attention, and about half the cache, where the cache is quantized', async () => {
    const header = await calf();
    const [whole, half] = [costOf(header), costOf(header, 'q8_0')];
    assert.ok(whole.scoreBytes > 0);
    assert.equal(half.scoreBytes, 0);
    assert.equal(sum(half.layers.map((layer) => layer.kvBytesPerToken)), (kvBytesPerToken(header.metadata) * 34) / 64);
  });

  it('takes the token embeddings for the output layer when there is none', async () => {
    const header = await calf();
    const tied = costOf({ ...header, tensors: header.tensors.filter((tensor) => tensor.name !== 'output.weight') });
    const embeddings = header.tensors.find((tensor) => tensor.name === 'token_embd.weight')?.bytes ?? 0;
    assert.equal(tied.output.tied, true);
    assert.ok(tied.output.bytes >= embeddings && tied.inputBytes >= embeddings);
  });

  it('counts layers that predict a further token as memory, not as time', async () => {
    const header = await calf();
    const metadata = new Map(header.metadata).set(`${String(header.metadata.get('general.architecture'))}.nextn_predict_layers`, 1);
    const { layers } = costOf({ ...header, metadata });
    assert.equal(layers.at(-1)?.activeBytes, 0);
    assert.ok((layers.at(-1)?.bytes ?? 0) > 0);
  });

  it('joins the parts of a model in several files', async () => {
    const header = await calf();
    const half = Math.floor(header.tensors.length / 2);
    const parts = [{ ...header, tensors: header.tensors.slice(0, half) }, { metadata: new Map(), tensors: header.tensors.slice(half) }];
    assert.deepEqual(modelCost(parts, kvBytesPerLayer(header.metadata), false), costOf(header));
  });

  it('is nothing, not an error, for a header without facts', () => {
    assert.deepEqual(costOf({ metadata: new Map(), tensors: [] }).layers, []);
  });
});
