import assert from 'node:assert/strict';
import * as v from 'valibot';
import { machineViews, runView } from '../../../src/engine/pod/core/state/podStatusView.js';
import { type Machine, machineSchema, type PodRun, podRunSchema, type Traffic } from '../../../src/engine/protocol/podTypes.js';
import { factsOf, fingerprintOf, type Outcome, PodWorld, unreachable, well, wishFor } from '../../support/podWorld.js';

const runOf = (world: PodWorld, figures = { progress: 0, measured: null as number | null }): PodRun => v.parse(podRunSchema, runView(world.state, figures, 'Desk'));
const machinesOf = (world: PodWorld, traffic: ReadonlyMap<string, Traffic> = new Map()): Machine[] => v.parse(v.array(machineSchema), machineViews(world.state, traffic, 'Desk'));

function asked(outcome: Outcome = well, layers = 32): PodWorld {
  const world = new PodWorld(outcome);
  world.meet('Bob', 'Alice');
  world.happen({ kind: 'wished', wish: wishFor('/big.gguf', layers) });
  world.happen({ kind: 'workerWaiting' });
  return world;
}

describe('status of machines', () => {
  it('lists them by name with how near they are', () => {
    const world = new PodWorld();
    world.meet('Bob', 'Carol');
    world.happen({ kind: 'seen', machine: fingerprintOf('Alice'), name: 'Alice', addresses: [{ host: '10.0.0.4', port: 1 }] });
    world.happen({ kind: 'watched', on: true });
    world.begin();
    world.begin();
    assert.deepEqual(machinesOf(world).map(({ name, presence, paired }) => [name, presence, paired]), [['Alice', 'seen', false], ['Bob', 'connecting', true], ['Carol', 'away', true]]);
    world.run();
    assert.deepEqual(machinesOf(world).map(({ presence }) => presence), ['seen', 'connected', 'connected']);
  });

  it('forgets an unpaired machine that is gone, and keeps a paired one as away', () => {
    const world = new PodWorld();
    world.meet('Bob');
    for (const name of ['Alice', 'Bob']) world.happen({ kind: 'seen', machine: fingerprintOf(name), name, addresses: [] });
    for (const name of ['Alice', 'Bob']) world.happen({ kind: 'gone', machine: fingerprintOf(name) });
    assert.deepEqual(machinesOf(world).map(({ name, presence }) => [name, presence]), [['Bob', 'away']]);
  });

  it('calls a paired machine as it calls itself over its connection, whatever somebody announces', () => {
    const world = new PodWorld();
    const announce = (name: string): void => world.happen({ kind: 'seen', machine: fingerprintOf('Alice'), name, addresses: [{ host: '10.0.0.4', port: 1 }] });
    announce('Mallory');
    assert.deepEqual(machinesOf(world).map(({ name }) => name), ['Mallory']);
    world.meet('Alice');
    announce('Bob');
    assert.deepEqual(machinesOf(world).map(({ name }) => name), ['Alice']);
  });

  it('shows what a machine lends, to whom it lends already, and what keeps it from lending', () => {
    const world = new PodWorld((action, machine) =>
      action === 'greet' && machine.name === 'Bob' ? { kind: 'greeted', machine: machine.fingerprint, facts: factsOf('Bob', { offer: { kind: 'held', holder: 'Mallory' } }) } : well(action, machine));
    world.meet('Alice', 'Bob');
    world.happen({ kind: 'watched', on: true });
    world.run();
    const [alice, bob] = machinesOf(world);
    assert.deepEqual([alice?.lendableBytes, alice?.holder, alice?.problem], [12e9, null, null]);
    assert.equal(alice?.link?.roundTrip, 0.000_2);
    assert.deepEqual([bob?.lendableBytes, bob?.holder, bob?.problem], [null, 'Mallory', { code: 'leaseHeld', machine: 'Bob', holder: 'Mallory' }]);
  });

  it('shows why a machine cannot be reached', () => {
    const world = new PodWorld((action, machine) => (action === 'connect' ? { kind: 'failed', machine: machine.fingerprint, action, failure: unreachable('Alice') } : well(action, machine)));
    world.meet('Alice');
    world.happen({ kind: 'watched', on: true });
    world.run();
    assert.deepEqual(machinesOf(world)[0]?.problem, unreachable('Alice'));
  });

  it('shows the part of a machine in what runs, and the traffic of its tunnel', () => {
    const world = asked();
    world.run();
    const traffic = { sentBytes: 5, receivedBytes: 6, rate: 7, latency: 0.001 };
    const [alice] = machinesOf(world, new Map([[fingerprintOf('Alice'), traffic]]));
    assert.deepEqual(alice?.traffic, traffic);
    assert.ok(alice.part !== null && alice.part.layers.last >= alice.part.layers.first);
  });
});

describe('status of the run', () => {
  it('follows a model from idle over its start to running, with its parts', () => {
    const world = new PodWorld();
    assert.deepEqual(runOf(world), { state: 'off' });
    world.meet('Bob', 'Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 32) });
    assert.deepEqual(runOf(world), { state: 'idle', path: '/big.gguf' });
    world.happen({ kind: 'workerWaiting' });
    const seen: string[] = [];
    const look = (): void => {
      const run = runOf(world, { progress: 0.5, measured: null });
      const words = run.state === 'starting' ? `${run.step} ${run.progress}` : run.state;
      if (seen.at(-1) !== words) seen.push(words);
    };
    while (world.begin()) {
      look();
      world.end(0);
      look();
    }
    assert.deepEqual(seen, ['connecting 0', 'leasing 0', 'loading 0.5', 'running']);
    const run = runOf(world, { progress: 1, measured: 5.5 });
    assert.ok(run.state === 'running' && run.parts.length === 3 && run.predicted > 3 && run.measured === 5.5);
  });

  it('is recovering from the loss of a machine until the model runs again', () => {
    const world = asked(well, 24);
    world.run();
    const part = world.state.current?.plan.parts.find((candidate) => candidate.id !== 'here');
    assert.ok(part !== undefined);
    const name = [...world.state.machines.values()].find((machine) => machine.fingerprint === part.id)?.name;
    world.happen({ kind: 'lost', machine: part.id, failure: unreachable('it') });
    assert.deepEqual(runOf(world), { state: 'recovering', path: '/big.gguf', lost: name });
    world.run();
    assert.equal(runOf(world).state, 'recovering');
    world.happen({ kind: 'workerWaiting' });
    world.run();
    assert.equal(runOf(world).state, 'running');
  });

  it('is idle again when nobody asks for the model after a loss', () => {
    const world = asked();
    world.run();
    world.happen({ kind: 'lost', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    world.run();
    world.pass(15_000);
    world.run();
    assert.equal(runOf(world).state, 'idle');
    assert.ok(machinesOf(world).every(({ presence }) => presence === 'away'));
  });

  it('says why the local model answers instead', () => {
    const world = asked(well, 90);
    world.run();
    const run = runOf(world);
    assert.ok(run.state === 'fallback' && run.failure.code === 'noPlacement');
  });
});
