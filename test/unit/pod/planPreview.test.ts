import assert from 'node:assert/strict';
import * as v from 'valibot';
import { planPreview } from '../../../src/engine/pod/core/state/planPreview.js';
import { planPreviewSchema, type PlanPreview } from '../../../src/engine/protocol/podTypes.js';
import { gigabyte, ours } from '../../support/placementExamples.js';
import { factsOf, fingerprintOf, type Outcome, PodWorld, well, wishFor } from '../../support/podWorld.js';

/** A pod that somebody looks at, with everybody as near as they come. */
function watched(names: readonly string[], outcome: Outcome = well, here = [ours('gpu')]): PodWorld {
  const world = new PodWorld(outcome, here);
  world.meet(...names);
  world.happen({ kind: 'watched', on: true });
  world.run();
  return world;
}

/** As it goes over the wire. */
const previewOf = (world: PodWorld, layers: number): PlanPreview => v.parse(planPreviewSchema, planPreview(world.state, wishFor('/model.gguf', layers), 'Desk'));

describe('plan preview', () => {
  it('shows which layers go where, the memory of each machine, and what speed to expect', () => {
    const preview = previewOf(watched(['Alice', 'Bob']), 32);
    assert.equal(preview.advice, 'pod');
    assert.equal(preview.failure, null);
    assert.deepEqual(preview.local, { fits: false, requiredBytes: preview.local.requiredBytes, availableBytes: 16 * gigabyte, tokensPerSecond: null });
    assert.deepEqual(preview.pod?.parts.map((part) => part.name), ['Alice', 'Bob', 'Desk']);
    assert.deepEqual(preview.pod?.parts.map((part) => part.machine), [fingerprintOf('Alice'), fingerprintOf('Bob'), null]);
    assert.equal(preview.pod.parts.reduce((sum, { layers }) => sum + layers.last - layers.first + 1, 0), 32);
    assert.ok(preview.pod.parts.every((part) => part.bytes <= part.usableBytes));
    assert.ok(preview.pod.tokensPerSecond > 3 && preview.pod.tokensPerSecond < 10);
  });

  it('advises to stay here when this is faster, and shows what the pod would do', () => {
    const preview = previewOf(watched(['Alice'], well, [ours('gpu', { bandwidth: 400 * gigabyte })]), 10);
    assert.equal(preview.advice, 'local');
    assert.ok(preview.local.tokensPerSecond !== null && preview.pod !== null && preview.local.tokensPerSecond > preview.pod.tokensPerSecond);
  });

  it('says of each machine why it has no part', () => {
    const outcome: Outcome = (action, machine) => {
      if (action === 'connect' && machine.name === 'Away') return { kind: 'failed', machine: machine.fingerprint, action, failure: { code: 'machineUnreachable', machine: 'Away', reason: 'no answer' } };
      if (action !== 'greet') return well(action, machine);
      const greeted = (facts: Parameters<typeof factsOf>[1]) => ({ kind: 'greeted' as const, machine: machine.fingerprint, facts: factsOf(machine.name, facts) });
      switch (machine.name) {
        case 'Held':
          return greeted({ offer: { kind: 'held', holder: 'Mallory' } });
        case 'Off':
          return greeted({ offer: { kind: 'refused', reason: 'notSharing' } });
        case 'Closed':
          return greeted({ offer: { kind: 'refused', reason: 'notAllowed' } });
        case 'Bare':
          return greeted({ build: null });
        case 'Old':
          return greeted({ build: { llama: 'v0.3.0', rpcProtocol: '5.0.0' } });
        case 'Odd':
          return greeted({ offer: { kind: 'offered', device: 'CUDA7', bytes: gigabyte } });
        case 'Tiny':
          return greeted({ offer: { kind: 'offered', device: 'CUDA0', bytes: 1_000 } });
        default:
          return well(action, machine);
      }
    };
    const world = watched(['Alice', 'Away', 'Held', 'Off', 'Closed', 'Bare', 'Old', 'Odd', 'Tiny'], outcome);
    world.happen({ kind: 'seen', machine: fingerprintOf('Eve'), name: 'Eve', addresses: [] });
    const { leftOut } = previewOf(world, 20);
    assert.deepEqual(Object.fromEntries(leftOut.map(({ name, reason }) => [name, reason])), {
      Away: 'notConnected', Held: 'held', Off: 'notSharing', Closed: 'notAllowed', Bare: 'noDevice', Old: 'differentBuild', Odd: 'noDevice', Tiny: 'noMemory', Eve: 'notPaired',
    });
    assert.equal(leftOut.find(({ name }) => name === 'Held')?.holder, 'Mallory');
  });

  it('says how much is missing when no machine keeps from lending', () => {
    const preview = previewOf(watched(['Alice']), 60);
    assert.deepEqual([preview.advice, preview.pod], ['none', null]);
    assert.ok(preview.failure?.code === 'noPlacement' && preview.failure.requiredBytes > 60 * gigabyte && preview.failure.availableBytes === 28 * gigabyte);
  });

  it('says what is missing here where this machine can take no part', () => {
    const world = new PodWorld();
    world.happen({ kind: 'watched', on: true });
    world.happen({ kind: 'probeFailed', failure: { code: 'remoteLayersUnavailable', reason: 'no compiler' } });
    assert.deepEqual(previewOf(world, 10).failure, { code: 'remoteLayersUnavailable', reason: 'no compiler' });
  });

  it('counts on machines that this pod itself uses now', () => {
    const world = watched(['Alice', 'Bob']);
    const before = previewOf(world, 32).pod;
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 32) });
    world.happen({ kind: 'workerWaiting' });
    world.run();
    world.pass(60_000);
    world.run();
    assert.equal(world.state.worker, 'running');
    assert.deepEqual(previewOf(world, 32).pod, before);
  });
});
