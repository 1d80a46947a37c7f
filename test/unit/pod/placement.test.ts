import assert from 'node:assert/strict';
import { place, type Placement } from '../../../src/engine/pod/core/placement/placement.js';
import type { ModelCost } from '../../../src/engine/pod/core/placement/modelCost.js';
import { here, type PlacementContext, type PlacementMachine } from '../../../src/engine/pod/core/placement/rangeCost.js';
import { evenModel, gigabyte, ours, randomNumbers, remote } from '../../support/placementExamples.js';

const context: PlacementContext = { tokens: 8_192, slots: 1, batchSize: 512 };

/** Time and memory of a range, written down once more and without any sums kept. */
function rangeSeconds(machine: PlacementMachine, model: ModelCost, first: number, end: number, output: boolean): number {
  if (end === first && !output) return 0;
  const layers = model.layers.slice(first, end);
  let bytes = 512 * (model.activationBytes + 8_192 * (model.scoreBytes > 0 ? 4 : 2) + Math.max(8_192 * model.scoreBytes, output ? model.logitsBytes : 0));
  let read = 0;
  for (const layer of layers) {
    bytes += layer.bytes + layer.kvBytesPerToken * 8_192;
    read += layer.activeBytes + layer.kvBytesPerToken * 4_096;
  }
  if (machine.id === here && machine.device === 'cpu') bytes += model.inputBytes;
  if (output) {
    // The processor here has the token embeddings already.
    if (!(model.output.tied && machine.id === here && machine.device === 'cpu')) bytes += model.output.bytes;
    read += model.output.activeBytes;
  }
  if (bytes > machine.usableBytes || !(machine.bandwidth > 0)) return Infinity;
  const compute = read / machine.bandwidth + layers.length * machine.layerOverhead;
  if (machine.id === here) return compute;
  if (machine.link === null) return Infinity;
  return compute + machine.link.roundTrip + ((output ? model.hopBytes + model.logitsBytes : 2 * model.hopBytes) + 4_096 * (model.scoreBytes > 0 ? 4 : 2)) / machine.link.throughput;
}

/** Tries every subset of the remote machines in every order with every division of the layers. */
function exhaustive(machines: readonly PlacementMachine[], model: ModelCost): number {
  const count = model.layers.length;
  const memo = new Map<string, number>();
  const seconds = (machine: PlacementMachine, first: number, end: number, output: boolean): number => {
    const key = `${machines.indexOf(machine)} ${first} ${end} ${String(output)}`;
    const known = memo.get(key) ?? rangeSeconds(machine, model, first, end, output);
    memo.set(key, known);
    return known;
  };
  const processor = machines.find((machine) => machine.id === here && machine.device === 'cpu');
  const gpu = machines.find((machine) => machine.id === here && machine.device === 'gpu');
  let best = Infinity;
  const go = (first: number, left: readonly PlacementMachine[], used: number, soFar: number): void => {
    if (soFar === Infinity) return;
    if (used > 0 && gpu !== undefined) best = Math.min(best, soFar + seconds(gpu, first, count, true));
    for (const machine of left) {
      const rest = left.filter((other) => other !== machine);
      best = Math.min(best, soFar + seconds(machine, first, count, true));
      for (let end = first + 1; end <= count; end++) go(end, rest, used + 1, soFar + seconds(machine, first, end, false));
    }
  };
  const remotes = machines.filter((machine) => machine.id !== here);
  for (let end = 0; end <= count; end++) {
    if (end > 0 && processor === undefined) break;
    go(end, remotes, 0, processor === undefined ? 0 : seconds(processor, 0, end, false));
  }
  return best;
}

/** Seconds of a token beside those of its layers. */
const sampling = 0.001_5;

/** A plan's time counted again from its parts, which must follow llama.cpp's order and fit. */
function recount(placement: Placement, machines: readonly PlacementMachine[], model: ModelCost): number {
  if (placement.pod === null) return Infinity;
  const { parts } = placement.pod;
  let next = 0;
  let total = 0;
  for (const [index, part] of parts.entries()) {
    const machine = machines.find((candidate) => candidate.id === part.id && candidate.device === part.device);
    assert.ok(machine !== undefined);
    assert.equal(part.first, next);
    assert.ok(part.last >= part.first || part.output);
    assert.ok(part.bytes <= machine.usableBytes);
    assert.equal(part.output, index === parts.length - 1);
    if (part.id === here) assert.equal(index, part.device === 'cpu' ? 0 : parts.length - 1);
    total += rangeSeconds(machine, model, part.first, part.last + 1, part.output);
    next = part.last + 1;
  }
  assert.equal(next, model.layers.length);
  const remotes = parts.filter((part) => part.id !== here).map((part) => part.id);
  assert.equal(new Set(remotes).size, remotes.length);
  assert.ok(remotes.length >= 1 && remotes.length <= 16);
  return total;
}

function assertBest(machines: readonly PlacementMachine[], model: ModelCost): Placement {
  const placement = place(machines, model, context);
  const best = exhaustive(machines, model);
  const planned = recount(placement, machines, model);
  const same = planned === best || Math.abs(planned - best) <= 1e-9 * best;
  assert.ok(same, JSON.stringify({ planned, best, machines, layers: model.layers.length, parts: placement.pod?.parts }));
  if (placement.pod !== null) assert.ok(Math.abs(placement.pod.secondsPerToken - sampling - planned) <= 1e-9 * planned);
  return placement;
}

/** Layers and machines of all kinds: some equal, some useless, memory from far too little to plenty. */
function randomCase(seed: number, most: { readonly machines: number; readonly layers: number }): { machines: PlacementMachine[]; model: ModelCost } {
  const random = randomNumbers(seed);
  for (let skipped = 0; skipped < 8; skipped++) random();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const layers = 1 + Math.floor(random() * most.layers);
  const even = random() < 0.3;
  const model: ModelCost = {
    layers: Array.from({ length: layers }, () => {
      const bytes = even ? gigabyte : Math.round((0.2 + random()) * gigabyte);
      return { bytes, activeBytes: bytes * (even ? 1 : pick([1, 0.05, 0.4])), kvBytesPerToken: even ? 1_000 : Math.round(random() * 40_000) };
    }),
    output: { bytes: Math.round(random() * gigabyte), activeBytes: Math.round(random() * gigabyte), tied: random() < 0.3 },
    inputBytes: Math.round(random() * gigabyte),
    hopBytes: 28_672,
    logitsBytes: 517_120,
    activationBytes: 200_000,
    scoreBytes: even ? 0 : 128,
  };
  const tightness = pick([0.15, 0.3, 0.6, 2]) * layers * gigabyte;
  const local = pick<readonly ('cpu' | 'gpu')[]>([['cpu'], ['gpu'], ['cpu', 'gpu'], []]);
  const machines: PlacementMachine[] = local.map((device) => ours(device, { usableBytes: Math.round(random() * tightness), bandwidth: gigabyte * (10 + 200 * random()), layerOverhead: random() * 1e-4 }));
  const count = 1 + Math.floor(random() * (most.machines - local.length));
  for (let index = 0; index < count; index++) {
    const twin = random() < 0.15 ? machines.find((machine) => machine.id !== here) : undefined;
    machines.push({
      ...(twin ?? remote('', {
        usableBytes: Math.round(random() * tightness),
        bandwidth: random() < 0.05 ? 0 : gigabyte * (5 + 400 * random()),
        layerOverhead: random() * 2e-4,
        link: random() < 0.05 ? null : { roundTrip: pick([5e-5, 3e-4, 5e-3]), throughput: pick([0.01, 0.117, 1.1, 4]) * gigabyte },
      })),
      id: `machine ${index}`,
    });
  }
  return { machines, model };
}

describe('placement', () => {
  it('is as fast as the best of all subsets, orders and divisions', () => {
    let spread = 0;
    for (let seed = 1; seed <= 3_000; seed++) {
      const { machines, model } = randomCase(seed, { machines: 5, layers: 9 });
      if (assertBest(machines, model).pod !== null) spread++;
    }
    assert.ok(spread > 600, `${spread} spreads`);
  });

  it('is so with five machines and 24 layers', () => {
    let largest = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const { machines, model } = randomCase(seed * 7_919, { machines: 5, layers: 24 });
      largest = Math.max(largest, assertBest(machines, model).pod?.parts.length ?? 0);
    }
    assert.ok(largest >= 4, `${largest} parts at most`);
  });

  it('is the same in whichever order the machines are given', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { machines, model } = randomCase(seed, { machines: 5, layers: 12 });
      const withTwins = [...machines, ...machines.filter((machine) => machine.id !== here).map((machine) => ({ ...machine, id: `twin of ${machine.id}` }))];
      const { leftOut, ...placement } = place(withTwins, model, context);
      const { leftOut: leftOutReversed, ...reversed } = place([...withTwins].reverse(), model, context);
      assert.deepEqual(reversed, placement);
      assert.deepEqual(leftOutReversed, leftOut);
    }
  });

  it('fills memory to the last byte, and not by one more', () => {
    const model = evenModel(4, gigabyte);
    const whole = place([remote('a', { usableBytes: 1e15 })], model, context).pod?.parts[0]?.bytes ?? 0;
    assert.equal(place([remote('a', { usableBytes: whole })], model, context).pod?.parts.length, 1);
    const none = place([remote('a', { usableBytes: whole - 1 })], model, context);
    assert.equal(none.pod, null);
    assert.deepEqual(none.leftOut, [{ id: 'a', reason: 'noMemory' }]);
    assert.equal(none.advice, 'none');
  });

  it('counts the KV cache of every slot as memory, and that of one as time', () => {
    const machines = [remote('a', { usableBytes: 1e15 })];
    const [one, two] = [1, 2].map((slots) => place(machines, evenModel(10, gigabyte), { ...context, slots }).pod);
    assert.equal((two?.parts[0]?.bytes ?? 0) - (one?.parts[0]?.bytes ?? 0), 10 * 1_000 * 8_192);
    assert.equal(two?.secondsPerToken, one?.secondsPerToken);
  });

  it('advises to stay here when the model fits and other machines would slow it down', () => {
    const placement = place([ours('gpu', { usableBytes: 64 * gigabyte }), remote('a')], evenModel(10, gigabyte), context);
    assert.equal(placement.advice, 'local');
    assert.ok(placement.pod !== null && placement.local.plan !== null && placement.local.plan.secondsPerToken < placement.pod.secondsPerToken);
    assert.deepEqual(placement.local.plan.parts.map(({ id, device, first, last, output }) => ({ id, device, first, last, output })), [{ id: here, device: 'gpu', first: 0, last: 9, output: true }]);
  });

  it('advises the pod when the model fits here and a faster machine is there', () => {
    const machines = [ours('cpu', { usableBytes: 64 * gigabyte, bandwidth: 20 * gigabyte }), remote('a', { bandwidth: 800 * gigabyte })];
    const placement = place(machines, evenModel(10, gigabyte), context);
    assert.equal(placement.advice, 'pod');
    assert.deepEqual(placement.pod?.parts.map((part) => part.id), ['a']);
  });

  it('spreads a model that does not fit here, with first layers on the processor here and the output layer on the last machine', () => {
    const machines = [ours('cpu', { bandwidth: 60 * gigabyte }), remote('a', { bandwidth: 50 * gigabyte, usableBytes: 20 * gigabyte })];
    const placement = assertBest(machines, evenModel(24, gigabyte));
    assert.equal(placement.local.plan, null);
    assert.equal(placement.advice, 'pod');
    assert.deepEqual(placement.pod?.parts.map((part) => [part.id, part.output]), [[here, false], ['a', true]]);
  });

  it('keeps the last layers and the output layer on a GPU here', () => {
    const placement = assertBest([ours('gpu'), remote('a')], evenModel(20, gigabyte));
    assert.deepEqual(placement.pod?.parts.map((part) => [part.id, part.output]), [['a', false], [here, true]]);
  });

  it('counts processor and GPU here together as this machine', () => {
    const machines = [ours('cpu', { usableBytes: 30 * gigabyte, bandwidth: 40 * gigabyte }), ours('gpu'), remote('a', { usableBytes: 0 })];
    const placement = place(machines, evenModel(30, gigabyte), context);
    assert.deepEqual(placement.local.plan?.parts.map((part) => part.device), ['cpu', 'gpu']);
    assert.equal(placement.advice, 'local');
    assert.equal(placement.local.availableBytes, 46 * gigabyte);
  });

  it('keeps what fits here when the speed here is not known', () => {
    const placement = place([ours('cpu', { usableBytes: 64 * gigabyte, bandwidth: 0 }), remote('a')], evenModel(10, gigabyte), context);
    assert.deepEqual([placement.local.plan?.secondsPerToken, placement.advice], [Infinity, 'local']);
  });

  it('says why a machine has no part', () => {
    const machines = [
      ours('gpu'),
      remote('fast', { usableBytes: 40 * gigabyte }),
      remote('slow', { bandwidth: gigabyte, usableBytes: 40 * gigabyte }),
      remote('far', { link: null }),
      remote('cut', { link: { roundTrip: 0, throughput: 0 } }),
      remote('small', { usableBytes: gigabyte / 2 }),
      remote('unmeasured', { bandwidth: 0 }),
    ];
    assertBest(machines.slice(0, 5), evenModel(24, gigabyte));
    const reasons = Object.fromEntries(place(machines, evenModel(24, gigabyte), context).leftOut.map(({ id, reason }) => [id, reason]));
    assert.deepEqual(reasons, { slow: 'slower', far: 'notConnected', cut: 'notConnected', small: 'noMemory', unmeasured: 'noDevice' });
  });

  it('has no plan for a file without layers, and none without machines', () => {
    assert.equal(place([ours('cpu'), remote('a')], evenModel(0, gigabyte), context).advice, 'none');
    assert.deepEqual(place([], evenModel(3, gigabyte), context).local, { requiredBytes: 0, availableBytes: 0, plan: null });
  });

  it('uses at most sixteen remote machines, and says that there are too many', () => {
    const crowd = Array.from({ length: 20 }, (_, index) => remote(`machine ${String(index).padStart(2, '0')}`, { usableBytes: 4.5 * gigabyte }));
    const fits = place(crowd, evenModel(60, gigabyte), context);
    assert.equal(fits.pod?.parts.length, 16);
    assert.deepEqual(new Set(fits.leftOut.map(({ reason }) => reason)), new Set(['tooMany']));
    assert.equal(place(crowd, evenModel(70, gigabyte), context).pod, null);
  });

  it('finds the few useful ones among a thousand machines', () => {
    const random = randomNumbers(5);
    const model = randomCase(11, { machines: 2, layers: 24 }).model;
    const useful = Array.from({ length: 6 }, (_, index) => remote(`useful ${index}`, { usableBytes: Math.round((3 + 4 * random()) * gigabyte), bandwidth: (200 + 100 * random()) * gigabyte }));
    const useless = Array.from({ length: 994 }, (_, index) => remote(`useless ${index}`, { usableBytes: Math.round(2 * gigabyte * random()), bandwidth: gigabyte * (1 + random()) }));
    const few = place([ours('gpu', { usableBytes: 3 * gigabyte }), ...useful], model, context);
    const many = place([ours('gpu', { usableBytes: 3 * gigabyte }), ...useless, ...useful], model, context);
    assert.ok(few.pod !== null);
    assert.deepEqual(many.pod, few.pod);
  });

  it('is the best of all for more than ten machines too when layers are equal and a GPU here has the output layer', () => {
    const random = randomNumbers(77);
    const model = evenModel(24, gigabyte);
    const gpu = ours('gpu', { usableBytes: 4 * gigabyte });
    const crowd = Array.from({ length: 14 }, (_, index) => remote(`machine ${index}`, { usableBytes: Math.round((3 + 6 * random()) * gigabyte), bandwidth: gigabyte * (20 + 300 * random()), link: { roundTrip: random() * 3e-3, throughput: gigabyte } }));
    const all = recount(place([gpu, ...crowd], model, context), [gpu, ...crowd], model);
    // No choice of ten of them is faster.
    for (let choice = 0; choice < 10; choice++) {
      const ten = [gpu, ...crowd.map((machine) => ({ machine, key: random() })).sort((a, b) => a.key - b.key).slice(0, 10).map(({ machine }) => machine)];
      assert.ok(all <= recount(place(ten, model, context), ten, model) * (1 + 1e-9));
    }
  });
});
