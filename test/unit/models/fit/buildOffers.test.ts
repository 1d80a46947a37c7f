import assert from 'node:assert/strict';
import * as v from 'valibot';
import { buildOffers, type OfferConditions, type OfferedModel } from '../../../../src/engine/models/fit/buildOffers.js';
import { usualUse } from '../../../../src/engine/models/fit/modelNeeds.js';
import type { MachineMemoryFacts, PredictedLoad, Predictor } from '../../../../src/engine/models/predictor.js';
import { type ModelOffer, modelOfferSchema } from '../../../../src/engine/protocol/modelTypes.js';
import { machineOf, offeredFile, offeredModel, roomy, shapes } from '../../../support/fitExamples.js';

/** Reads so many bytes per second. */
class Bandwidth implements Predictor {
  readonly loads: PredictedLoad[] = [];
  constructor(private readonly rate: number, private readonly memory: MachineMemoryFacts = roomy, private readonly pod = 0) {}

  async machine(): Promise<MachineMemoryFacts> {
    return this.memory;
  }
  async predict(load: PredictedLoad): Promise<{ here: number | null; pod: number | null }> {
    this.loads.push(load);
    const { shape } = load;
    const active = shape.kind === 'facts' ? shape.weights * shape.activeShare : 0;
    return { here: this.rate === 0 ? null : this.rate / active, pod: this.pod === 0 ? null : this.pod / active };
  }
}

async function offersOf(models: readonly OfferedModel[], predictor: Bandwidth, changes: Partial<OfferConditions> = {}): Promise<ModelOffer[]> {
  const conditions = { machine: await predictor.machine(), predictor, contextSize: 0, use: usualUse, loaded: { replacedBytes: 0, beside: null }, limitBytes: Infinity, measurements: [], ...changes };
  return v.parse(v.array(modelOfferSchema), await buildOffers(models, conditions, new AbortController().signal));
}

const recommended = (offers: readonly ModelOffer[]): string[] =>
  offers.flatMap(({ id, files }) => files.flatMap((file) => file.recommendedFor.map((role) => `${role}: ${id} ${file.id}`))).toSorted();

const small = offeredModel('small', 1.35, [offeredFile(shapes.coder1, 873e6)]);
const middle = offeredModel('middle', 6.7, [offeredFile(shapes.coder7, 4.08e9)]);
const large = offeredModel('large', 70.6, [offeredFile(shapes.llama70, 42.5e9)]);

describe('offers', () => {
  it('judge every file for this machine and keep what is known of the model', async () => {
    const offers = await offersOf([small, large], new Bandwidth(50e9, machineOf(16)));
    assert.deepEqual(offers.map(({ id, files }) => [id, files[0]?.fit.verdict, files[0]?.fit.basis]), [['small', 'fits', 'catalogue'], ['large', 'tooLarge', 'catalogue']]);
    assert.equal(offers[0]?.files[0]?.bytes, 873e6);
    assert.equal(offers[0].files[0].fit.tokensPerSecond, 50e9 / 873e6);
  });

  it('predict for the context that the model would get', async () => {
    const predictor = new Bandwidth(50e9, machineOf(12));
    await offersOf([middle], predictor);
    assert.deepEqual(predictor.loads.map(({ contextSize, kvType, slots }) => [contextSize, kvType, slots]), [[7_680, 'q8_0', 2]]);
  });

  it('leave room for the model of the other role, but not twice for one file of both', async () => {
    const files = [offeredFile(shapes.coder1, 873e6, { id: 'shared', installed: 'm1', path: '/m/other.gguf' }), offeredFile(shapes.coder1, 873e6)];
    const loaded = { replacedBytes: 0, beside: { path: '/m/other.gguf', mainBytes: 1e9, gpuBytes: 0, budgetBytes: 3e9, pendingBytes: 0 } };
    const [offer] = await offersOf([{ ...small, files }], new Bandwidth(50e9), { loaded, limitBytes: 3.5e9 });
    assert.deepEqual(offer?.files.map(({ fit }) => [fit.verdict, fit.availableBytes]), [['fits', 3.5e9], ['tooLarge', 0.5e9]]);
  });

  it('count as many sequences, as large a batch and the type of the cache that the settings say', async () => {
    const [usual] = await offersOf([small], new Bandwidth(50e9));
    const [more] = await offersOf([small], new Bandwidth(50e9), { use: { slots: 6, batchSize: 1_024, kvType: 'q8_0' } });
    const memory = [usual, more].map((offer) => offer?.files[0]?.fit.memory ?? assert.fail());
    assert.equal(memory[1]?.kvCache, ((memory[0]?.kvCache ?? 0) * 3 * 34) / 64);
    assert.equal(memory[1].compute, 2 * (memory[0]?.compute ?? 0));
  });

  it('send what does not fit here to the pod where one would do', async () => {
    const [offer] = await offersOf([large], new Bandwidth(50e9, machineOf(16), 400e9));
    assert.deepEqual([offer?.files[0]?.fit.verdict, offer?.files[0]?.fit.tokensPerSecond], ['pod', 400e9 / 42.5e9]);
  });

  it('use what was measured: of the model itself as a measurement, of others as a correction', async () => {
    const measurements = [{ path: '/m/small.gguf', where: 'here', predicted: 40, measured: 20 } as const];
    const installed = { ...small, files: [offeredFile(shapes.coder1, 873e6, { installed: 'm1', path: '/m/small.gguf' })] };
    const [first, second] = await offersOf([installed, middle], new Bandwidth(50e9), { measurements });
    assert.deepEqual([first?.files[0]?.fit.basis, first?.files[0]?.fit.tokensPerSecond], ['measured', 25e9 / 873e6]);
    assert.deepEqual([second?.files[0]?.fit.basis, second?.files[0]?.fit.tokensPerSecond], ['catalogue', 25e9 / 4.08e9]);
  });

  it('have a speed that is not known where nothing was measured', async () => {
    const [offer] = await offersOf([small], new Bandwidth(0));
    assert.equal(offer?.files[0]?.fit.tokensPerSecond, null);
  });
});

describe('recommendation', () => {
  it('is the most capable model that is fast enough', async () => {
    assert.deepEqual(recommended(await offersOf([small, middle, large], new Bandwidth(100e9))), ['chat: middle Q4_K_M']);
    assert.deepEqual(recommended(await offersOf([small, middle, large], new Bandwidth(1_000e9))), ['chat: large Q4_K_M']);
  });

  it('is the fastest where none is fast enough, and the smallest where no speed is known', async () => {
    assert.deepEqual(recommended(await offersOf([large, middle, small], new Bandwidth(1e9))), ['chat: small Q4_K_M']);
    assert.deepEqual(recommended(await offersOf([large, middle, small], new Bandwidth(0))), ['chat: small Q4_K_M']);
  });

  it('takes a file that can be verified before one that is hardly faster', async () => {
    const quantizations = (weights: number) => offeredModel('m', 1.8, [offeredFile({ ...shapes.coder1, weights }, weights, { id: 'unverified', verified: false }), offeredFile({ ...shapes.coder1, weights: 1.12e9 }, 1.12e9, { id: 'verified' })]);
    assert.deepEqual(recommended(await offersOf([quantizations(1.07e9)], new Bandwidth(5e9))), ['chat: m verified']);
    assert.deepEqual(recommended(await offersOf([quantizations(0.8e9)], new Bandwidth(5e9))), ['chat: m unverified']);
  });

  it('prefers routed experts that answer faster to as capable a dense model', async () => {
    const experts = offeredModel('experts', 15.7, [offeredFile({ ...shapes.coder7, weights: 10.4e9, activeShare: 2.4 / 15.7 }, 10.4e9)], { parameters: { total: 15.7e9, active: 2.4e9 } });
    assert.deepEqual(recommended(await offersOf([middle, experts], new Bandwidth(60e9))), ['chat: experts Q4_K_M']);
  });

  it('takes more bits where they are fast enough, and never a large model of hardly any bits', async () => {
    const bits = (id: string, billions: number, weights: number) => offeredModel(id, billions, [offeredFile({ ...shapes.coder7, weights }, weights)]);
    assert.deepEqual(recommended(await offersOf([bits('q4', 7, 4.2e9), bits('q8', 7, 7.5e9)], new Bandwidth(200e9))), ['chat: q8 Q4_K_M']);
    assert.deepEqual(recommended(await offersOf([bits('7B', 7, 7.5e9), bits('9B', 9, 9e9 * 0.22)], new Bandwidth(200e9))), ['chat: 7B Q4_K_M']);
  });

  it('is given for each role, and never for one that the file cannot play', async () => {
    const chat = { ...middle, id: 'instruct' };
    const base = { ...small, id: 'base', roles: ['completion' as const], fim: true };
    const thinker = { ...middle, id: 'thinker', roles: ['reasoning' as const] };
    assert.deepEqual(recommended(await offersOf([chat, base, thinker], new Bandwidth(200e9))), ['chat: instruct Q4_K_M', 'completion: base Q4_K_M', 'reasoning: thinker Q4_K_M']);
    const spoiled = { ...base, files: [offeredFile(shapes.coder1, 873e6, { traps: ['oldTokenizer'] })] };
    assert.deepEqual(recommended(await offersOf([spoiled, { ...base, fim: false }, { ...base, unsupported: 'deepseek9' }], new Bandwidth(200e9))), []);
  });

  it('is never one that fits nowhere', async () => {
    assert.deepEqual(recommended(await offersOf([large], new Bandwidth(50e9, machineOf(16)))), []);
  });
});
