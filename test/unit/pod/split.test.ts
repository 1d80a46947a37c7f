import assert from 'node:assert/strict';
import type { PodPart, PodPlan } from '../../../src/engine/pod/core/placement/placement.js';
import { here } from '../../../src/engine/pod/core/placement/rangeCost.js';
import { gpuLayersOf, memoryAnswers, remoteParts } from '../../../src/engine/pod/core/placement/split.js';
import { isFailure } from '../../support/failures.js';
import { gigabyte, randomNumbers } from '../../support/placementExamples.js';

/** A plan that gives each place (layer, and the output layer as the last one) to a device: the processor, remote machines, a GPU. */
function planFor(layers: number, counts: { readonly cpu: number; readonly remotes: readonly number[]; readonly gpu: number }): PodPlan {
  const devices = [{ id: here, device: 'cpu' as const, count: counts.cpu }, ...counts.remotes.map((count, index) => ({ id: `machine ${index}`, device: 'gpu' as const, count })), { id: here, device: 'gpu' as const, count: counts.gpu }];
  const parts: PodPart[] = [];
  let place = 0;
  for (const { id, device, count } of devices) {
    const output = place + count === layers + 1;
    if (count > 0) parts.push({ id, device, first: place, last: place + count - 1 - (output ? 1 : 0), output, bytes: 0, usableBytes: 0 });
    place += count;
  }
  return { layers, parts, secondsPerToken: 1 };
}

/** llama.cpp's arithmetic in `load_tensors`, with its 32-bit floats: the device of each place; -1 is the processor. */
function devicesOf(layers: number, gpuLayers: number, free: readonly number[]): readonly number[] {
  const splits: number[] = [];
  let sum = 0;
  for (const bytes of free) splits.push((sum = Math.fround(sum + Math.fround(bytes))));
  const shares = splits.map((split) => Math.fround(split / sum));
  const start = Math.max(layers + 1 - gpuLayers, 0);
  const active = Math.min(gpuLayers, layers + 1);
  return Array.from({ length: layers + 1 }, (_, place) => {
    if (place < start) return -1;
    const at = Math.fround(Math.fround(place - start) / Math.fround(active));
    return shares.findIndex((share) => share > at);
  });
}

/** What the plan says about each place, in the same numbers. */
function planned(plan: PodPlan): readonly number[] {
  const devices: number[] = [];
  let next = 0;
  for (const part of plan.parts) {
    const device = part.id !== here ? next++ : part.device === 'cpu' ? -1 : remoteParts(plan).length;
    for (let place = part.first; place <= part.last + (part.output ? 1 : 0); place++) devices[place] = device;
  }
  return devices;
}

function* compositions(total: number, count: number): Generator<readonly number[]> {
  if (count === 1) yield [total];
  else for (let first = 1; first <= total - count + 1; first++) for (const rest of compositions(total - first, count - 1)) yield [first, ...rest];
}

/** Some divisions, by the places where they are cut. */
function* someCompositions(total: number, count: number, random: () => number): Generator<readonly number[]> {
  for (let sample = 0; sample < 60; sample++) {
    const cuts = new Set([0, total]);
    while (cuts.size < count + 1) cuts.add(1 + Math.floor(random() * (total - 1)));
    const sorted = [...cuts].sort((a, b) => a - b);
    yield sorted.slice(1).map((cut, index) => cut - (sorted[index] ?? 0));
  }
}

/** Every division of up to 81 places among up to five devices where there are few of them, and some where there are many. */
function* plans(): Generator<PodPlan> {
  const random = randomNumbers(1);
  for (let places = 1; places <= 81; places++) {
    for (let count = 1; count <= Math.min(5, places); count++) {
      const layers = places - 1;
      for (const counts of places <= 10 || count <= 2 ? compositions(places, count) : someCompositions(places, count, random)) {
        yield planFor(layers, { cpu: 0, remotes: counts, gpu: 0 });
        if (count === 1) continue;
        yield planFor(layers, { cpu: counts[0] ?? 0, remotes: counts.slice(1), gpu: 0 });
        yield planFor(layers, { cpu: 0, remotes: counts.slice(0, -1), gpu: counts.at(-1) ?? 0 });
        if (count > 2) yield planFor(layers, { cpu: counts[0] ?? 0, remotes: counts.slice(1, -1), gpu: counts.at(-1) ?? 0 });
      }
    }
  }
}

const usesGpu = (plan: PodPlan): boolean => plan.parts.some((part) => part.id === here && part.device === 'gpu');

function assertSplit(plan: PodPlan, answeredFor: number, reported: readonly number[]): void {
  const remotes = memoryAnswers(plan, answeredFor).map((memory) => memory.free);
  const actual = devicesOf(plan.layers, gpuLayersOf(plan), [...remotes, ...reported]);
  const expected = planned(plan);
  if (actual.some((device, place) => device !== expected[place])) assert.deepEqual({ parts: plan.parts, actual }, { parts: plan.parts, actual: expected });
}

describe('split', () => {
  it('makes llama.cpp put every layer where it was planned, with up to five devices and 80 layers', () => {
    let count = 0;
    for (const plan of plans()) {
      count++;
      const free = 11.3 * gigabyte;
      assertSplit(plan, usesGpu(plan) ? free : 0, usesGpu(plan) ? [free] : []);
    }
    assert.ok(count > 30_000, `${count} plans`);
  });

  it('stays so when the GPU here reports up to 0.3 % more or less than it did before', () => {
    for (const plan of plans()) {
      if (!usesGpu(plan)) continue;
      for (const error of [0.997, 1.003]) assertSplit(plan, 11.3 * gigabyte, [11.3 * gigabyte * error]);
    }
  });

  it('leaves a GPU here without layers when the plan has none for it', () => {
    for (let layers = 1; layers <= 80; layers++) {
      for (const free of [1, 8 * gigabyte, 512 * gigabyte]) assertSplit(planFor(layers, { cpu: 0, remotes: [layers, 1], gpu: 0 }), free, [free]);
    }
  });

  it('follows sixteen remote machines as well', () => {
    const counts = Array.from({ length: 16 }, (_, index) => 1 + (index % 7));
    const places = counts.reduce((sum, count) => sum + count, 0);
    assertSplit(planFor(places - 1, { cpu: 0, remotes: counts, gpu: 0 }), 0, []);
    assertSplit(planFor(places + 4, { cpu: 3, remotes: counts, gpu: 2 }), 24 * gigabyte, [24 * gigabyte]);
  });

  it('counts the layers on devices with the output layer, and not those on the processor here', () => {
    assert.equal(gpuLayersOf(planFor(12, { cpu: 0, remotes: [4, 9], gpu: 0 })), 13);
    assert.equal(gpuLayersOf(planFor(12, { cpu: 5, remotes: [8], gpu: 0 })), 8);
    assert.equal(gpuLayersOf(planFor(12, { cpu: 12, remotes: [1], gpu: 0 })), 1);
  });

  it('refuses a GPU here that reports no memory while the plan has layers on it', () => {
    assert.throws(() => memoryAnswers(planFor(12, { cpu: 0, remotes: [4], gpu: 9 }), 0), isFailure('gpuUnavailable'));
  });
});
