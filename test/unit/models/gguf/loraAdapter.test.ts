import assert from 'node:assert/strict';
import { loraProblem } from '../../../../src/engine/models/gguf/loraAdapter.js';
import { GgufError } from '../../../../src/engine/models/gguf/ggufReader.js';
import { type GgufHeader, readGgufHeader } from '../../../../src/engine/models/gguf/ggufHeader.js';
import { type AdapterOptions, type AdapterPart, adapterBytes, calfDown, floatValue } from '../../../support/adapters.js';
import { type FixtureValue, seededRandom } from '../../../support/ggufFixture.js';
import { headersOf } from '../../../support/headers.js';

const tensor = (name: string, ...dimensions: number[]): GgufHeader['tensors'][number] => ({ name, dimensions, type: 0, offset: 0, bytes: 0 });
const weights = [
  tensor('token_embd.weight', 256, 6_144),
  tensor('output.weight', 256, 6_144),
  tensor('blk.0.ffn_down.weight', 768, 256),
  tensor('blk.0.attn_q_a.weight', 256, 128),
  tensor('blk.1.ffn_up_exps.weight', 256, 256, 6),
];
const model = (architecture = 'deepseek2') => headersOf({ 'general.architecture': architecture }, weights);
const read = (bytes: Buffer): Promise<GgufHeader> => readGgufHeader(async (offset, length) => bytes.subarray(offset, offset + length), bytes.length);
const problem = async (parts: readonly AdapterPart[], options: AdapterOptions = {}, architecture?: string): Promise<string | null> => loraProblem(await read(adapterBytes(parts, options)), model(architecture));
const queries: AdapterPart = { base: 'blk.0.attn_q_a.weight', inputs: 256, outputs: 128 };

describe('a LoRA adapter', () => {
  it('that is made for the model can be applied', async () => {
    assert.equal(await problem([calfDown]), null);
    assert.equal(await problem([calfDown], { rank: 64 }), null);
    assert.equal(await problem([calfDown, queries]), null);
  });

  it('for an embedding has its matrices the other way round', async () => {
    const header = await read(adapterBytes([calfDown]));
    const embedding = (a: number[], b: number[]) => loraProblem({ ...header, tensors: [tensor('token_embd.weight.lora_a', ...a), tensor('token_embd.weight.lora_b', ...b)] }, model());
    assert.equal(embedding([4, 6_144], [4, 256]), null);
    assert.match(embedding([256, 4], [4, 6_144]) ?? '', /another shape/);
    assert.match(embedding([4, 6_144], [8, 256]) ?? '', /another shape/);
  });

  it('for experts has matrices for each of them', async () => {
    const header = await read(adapterBytes([calfDown]));
    const experts = (count: number) => loraProblem({ ...header, tensors: [tensor('blk.1.ffn_up_exps.weight.lora_a', 256, 4, count), tensor('blk.1.ffn_up_exps.weight.lora_b', 4, 256, count)] }, model());
    assert.equal(experts(6), null);
    assert.match(experts(5) ?? '', /another shape/);
  });

  const refused: [string, Readonly<Record<string, FixtureValue>>, RegExp][] = [
    ['that is a model', { 'general.type': 'model' }, /it is a model/],
    ['of another kind', { 'adapter.type': 'control\u0007vector' }, /of the type "control/],
    ['that does not say its kind by a text', { 'adapter.type': 3 }, /of the type ""/],
    ['for another architecture', { 'general.architecture': 'qwen2' }, /"qwen2", and this one has "deepseek2"/],
    ['that is to be applied from certain words on', { 'adapter.alora.invocation_tokens': { numbers: [1, 2] } }, /activated LoRA/],
    ['whose alpha native code cannot read', { 'adapter.lora.alpha': 16 }, /alpha/],
    ['whose alpha is no number', { 'adapter.lora.alpha': floatValue(Number.NaN) }, /alpha/],
  ];
  for (const [what, metadata, reason] of refused) {
    it(`${what} is refused`, async () => {
      assert.match((await problem([calfDown], { metadata })) ?? '', reason);
    });
  }

  it('with an alpha that is no whole number can be applied', async () => {
    assert.equal(await problem([calfDown], { metadata: { 'adapter.lora.alpha': floatValue(0.5) } }), null);
  });

  it('for a model of other sizes, or with other weights, is refused', async () => {
    assert.match((await problem([{ ...calfDown, inputs: 512 }])) ?? '', /its blk\.0\.ffn_down\.weight has another shape/);
    assert.match((await problem([{ ...calfDown, base: 'blk.9.ffn_down.weight' }])) ?? '', /has no blk\.9\.ffn_down\.weight/);
  });

  it('without weights, with half of a pair, or with weights of its own is refused', async () => {
    assert.equal(await problem([]), 'it has no weights');
    const header = await read(adapterBytes([calfDown]));
    assert.match(loraProblem({ ...header, tensors: header.tensors.slice(1) }, model()) ?? '', /one is missing/);
    assert.match(loraProblem({ ...header, tensors: [...header.tensors, tensor('blk.0.ffn_down.weight', 768, 256)] }, model()) ?? '', /belong to no adapter/);
  });

  it('without a rank is refused', async () => {
    const header = await read(adapterBytes([calfDown]));
    assert.match(loraProblem({ ...header, tensors: [tensor('blk.0.ffn_down.weight.lora_a', 768, 0), tensor('blk.0.ffn_down.weight.lora_b', 0, 256)] }, model()) ?? '', /another shape/);
  });

  it('on top of weights of the type nvfp4 is refused', async () => {
    const header = await read(adapterBytes([calfDown]));
    const quantized = headersOf({ 'general.architecture': 'deepseek2' }, weights.map((weight) => ({ ...weight, type: 40 })));
    assert.match(loraProblem(header, quantized) ?? '', /nvfp4/);
  });

  it('that is damaged anywhere is applied, or refused with a reason', async () => {
    const whole = adapterBytes([calfDown, queries]);
    const { dataOffset } = await read(whole);
    const random = seededRandom(11);
    const outcomes = { applied: 0, refused: 0, unreadable: 0 };
    for (let round = 0; round < 2_000; round++) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change <= round % 3; change++) bytes[Math.floor(random() * dataOffset)] = Math.floor(random() * 256);
      const header = await read(bytes).catch((error: unknown) => (error instanceof GgufError ? null : Promise.reject(error)));
      if (header === null) outcomes.unreadable++;
      else if (loraProblem(header, model()) === null) outcomes.applied++;
      else outcomes.refused++;
    }
    assert.ok(Object.values(outcomes).every((count) => count > 50), JSON.stringify(outcomes));
  });

  it('with whole numbers for weights is refused', async () => {
    const header = await read(adapterBytes([calfDown]));
    const tensors = header.tensors.map((half) => ({ ...half, type: 26 }));
    assert.match(loraProblem({ ...header, tensors }, model()) ?? '', /of a type/);
  });

  it('of which llama.cpp applies nothing to this architecture is refused, and to another it can be applied', async () => {
    assert.match((await problem([queries, { base: 'output.weight', inputs: 256, outputs: 6_144 }])) ?? '', /it would do nothing/);
    assert.equal(await problem([queries], { metadata: { 'general.architecture': 'qwen2' } }, 'qwen2'), null);
  });
});
