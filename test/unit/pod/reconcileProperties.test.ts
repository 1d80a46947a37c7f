import assert from 'node:assert/strict';
import { remoteParts } from '../../../src/engine/pod/core/placement/split.js';
import { type MachineState, workerLives } from '../../../src/engine/pod/core/state/podState.js';
import { nextStep, type Step } from '../../../src/engine/pod/core/state/reconcile.js';
import { ours, randomNumbers } from '../../support/placementExamples.js';
import { factsOf, fingerprintOf, type Outcome, PodWorld, unreachable, well, wishFor } from '../../support/podWorld.js';

const names = ['Alice', 'Bob', 'Carol', 'Dave'];

/** Leases and tunnels that really are there, beside what the state says of them. */
interface Truth {
  readonly leases: Set<string>;
  readonly tunnels: Set<string>;
}

function assertLegal(world: PodWorld, truth: Truth, step: Step): void {
  const { state } = world;
  const planned = (machine: MachineState): boolean => state.current !== null && state.current.over === null && remoteParts(state.current.plan).some((part) => part.id === machine.fingerprint);
  if (!('machine' in step)) {
    switch (step.kind) {
      case 'plan':
        assert.equal(state.worker, 'waiting');
        assert.equal(truth.leases.size, 0, 'a plan while there are leases of an earlier one');
        return;
      case 'load':
        assert.equal(state.worker, 'waiting');
        assert.ok(state.current !== null);
        for (const part of remoteParts(state.current.plan)) assert.ok(truth.tunnels.has(part.id) && truth.leases.has(part.id), 'a worker without its tunnels');
        return;
      case 'drain':
        assert.ok(state.worker === 'running' && state.generating && state.current?.over === 'changed');
        return;
      case 'stopWorker':
        assert.ok(workerLives(state) && state.worker !== 'stopping' && state.current?.over !== null);
        if (state.generating) assert.ok(state.current?.over === 'lost' || state.worker === 'loading', 'an answer was cut off though nobody was lost');
        return;
      case 'fallBack':
        assert.equal(state.worker, 'waiting');
        return;
      case 'probe':
        assert.ok(!state.probing);
        return;
      case 'wait':
        return;
    }
  }
  const machine = state.machines.get(step.machine);
  assert.ok(machine !== undefined && machine.doing === null, `${step.kind} while ${machine?.doing} is under way`);
  switch (step.kind) {
    case 'connect':
      assert.ok(machine.paired && !machine.connected && machine.retryAt <= world.now);
      return;
    case 'greet':
    case 'measure':
      assert.ok(machine.paired && machine.connected);
      return;
    case 'lease':
      assert.ok(machine.connected && !machine.leased && planned(machine) && state.worker === 'waiting', 'a lease without a plan');
      return;
    case 'openTunnel':
      assert.ok(machine.leased && !machine.tunneled && planned(machine) && state.worker === 'waiting');
      return;
    case 'closeTunnel':
      assert.ok(machine.tunneled && !(workerLives(state) && state.current?.plan.parts.some((part) => part.id === machine.fingerprint)), 'a tunnel closed under its worker');
      return;
    case 'release':
      assert.ok(machine.leased && !machine.tunneled);
      return;
    case 'disconnect':
      assert.ok(machine.connected && !machine.leased && !machine.tunneled);
      return;
  }
}

/** A pod to which anything happens, in any order, for some hundred events. */
function play(seed: number, events: number): { readonly world: PodWorld; readonly truth: Truth; readonly settle: () => void; readonly repair: () => void; readonly kinds: ReadonlySet<string> } {
  const random = randomNumbers(seed);
  for (let skipped = 0; skipped < 8; skipped++) random();
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const truth: Truth = { leases: new Set(), tunnels: new Set() };
  const kinds = new Set<string>();
  let failing = pick([0.02, 0.1, 0.5]);
  const outcome: Outcome = (action, machine) => {
    const { fingerprint, name, connected } = machine;
    const canFail = action !== 'closeTunnel' && action !== 'release' && action !== 'disconnect';
    if (canFail && (random() < failing || (!connected && action !== 'connect'))) {
      return { kind: 'failed', machine: fingerprint, action, failure: action === 'lease' ? { code: 'leaseHeld', machine: name, holder: 'Mallory' } : unreachable(name) };
    }
    if (action === 'greet' && failing > 0 && random() < 0.15) return { kind: 'greeted', machine: fingerprint, facts: factsOf(name, { offer: pick([{ kind: 'held', holder: 'Mallory' } as const, { kind: 'refused', reason: 'notSharing' } as const]) }) };
    if (action === 'lease') truth.leases.add(fingerprint);
    if (action === 'release' || action === 'disconnect') truth.leases.delete(fingerprint);
    if (action === 'openTunnel') truth.tunnels.add(fingerprint);
    if (action === 'closeTunnel') truth.tunnels.delete(fingerprint);
    return well(action, machine);
  };
  const world = new PodWorld(outcome, [ours('gpu')]);
  world.onStep = (step) => {
    kinds.add(step.kind);
    assertLegal(world, truth, step);
  };

  /** As many steps as there are now; they must come to an end though no time passes. */
  const begin = (): void => {
    for (let count = 0; world.begin(); count++) assert.ok(count < 60, `no end: ${world.steps.slice(-12).join(', ')}`);
  };
  const settle = (): void => {
    for (let count = 0; ; count++) {
      begin();
      if (world.pending.length === 0) return;
      assert.ok(count < 600, `no end: ${world.steps.slice(-12).join(', ')}`);
      world.end(Math.floor(random() * world.pending.length));
    }
  };
  const happen = (): void => {
    const name = pick(names);
    const machine = fingerprintOf(name);
    const addresses = [{ host: '10.0.0.2', port: 4_000 }];
    const lose = (): void => {
      truth.leases.delete(machine);
      if (world.state.machines.get(machine)?.connected === true) world.happen({ kind: 'lost', machine, failure: unreachable(name) });
    };
    pick([
      () => world.happen({ kind: 'seen', machine, name, addresses }),
      () => world.happen({ kind: 'gone', machine }),
      () => world.happen({ kind: 'paired', machine, name, addresses }),
      () => world.happen({ kind: 'paired', machine, name, addresses }),
      () => random() < 0.3 && world.happen({ kind: 'unpaired', machine }),
      lose,
      () => world.state.machines.get(machine)?.leased === true && world.happen({ kind: 'revoked', machine, failure: unreachable(name) }),
      () => world.state.machines.get(machine)?.tunneled === true && world.happen({ kind: 'tunnelBroke', machine, failure: unreachable(name) }),
      () => world.happen({ kind: 'watched', on: random() < 0.5 }),
      () => world.happen({ kind: 'wished', wish: pick([null, wishFor('/a.gguf', 20), wishFor('/b.gguf', 36), wishFor('/c.gguf', 90)]) }),
      () => world.state.wish === null && random() < 0.5 && world.happen({ kind: 'wished', wish: wishFor('/b.gguf', 36) }),
      () => world.state.worker === 'none' && world.happen({ kind: 'workerWaiting' }),
      () => world.state.worker === 'none' && world.happen({ kind: 'workerWaiting' }),
      () => world.happen({ kind: 'generating', on: random() < 0.6 }),
      () => world.state.worker !== 'none' && random() < 0.2 && world.happen({ kind: 'workerEnded' }),
      () => world.pass(Math.floor(random() * 12_000)),
    ])();
  };
  for (let event = 0; event < events; event++) {
    happen();
    if (random() < 0.3) settle();
    else begin();
    if (world.pending.length > 0 && random() < 0.7) world.end(Math.floor(random() * world.pending.length));
  }
  return { world, truth, settle, repair: () => void (failing = 0), kinds };
}

describe('reconcile, whatever happens', () => {
  it('takes legal steps only, and comes to rest after each event', () => {
    const kinds = new Set<string>();
    let loads = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const played = play(seed, 120);
      played.settle();
      assert.equal(nextStep(played.world.state).kind, 'wait');
      for (const kind of played.kinds) kinds.add(kind);
      loads += played.world.steps.filter((step) => step === 'load').length;
    }
    assert.deepEqual([...kinds].sort(), ['closeTunnel', 'connect', 'disconnect', 'drain', 'fallBack', 'greet', 'lease', 'load', 'measure', 'openTunnel', 'plan', 'probe', 'release', 'stopWorker']);
    assert.ok(loads > 200, `${loads} loads`);
  });

  it('gives every lease, tunnel and connection back when nobody wants the pod any more', () => {
    let had = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const { world, truth, settle } = play(seed, 60 + (seed % 60));
      had += truth.leases.size;
      world.happen({ kind: 'watched', on: false });
      world.happen({ kind: 'generating', on: false });
      world.happen({ kind: 'wished', wish: null });
      settle();
      if (world.state.worker !== 'none') world.happen({ kind: 'workerEnded' });
      settle();
      world.pass(60_000);
      settle();
      assert.deepEqual({ leases: [...truth.leases], tunnels: [...truth.tunnels] }, { leases: [], tunnels: [] });
      for (const machine of world.state.machines.values()) assert.ok(!machine.connected && !machine.leased && !machine.tunneled && machine.doing === null);
      assert.deepEqual(nextStep(world.state), { kind: 'wait', until: null });
    }
    assert.ok(had > 50, `${had} leases`);
  });

  it('runs the model in the end when everything works again', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { world, settle, repair } = play(seed, 80);
      repair();
      world.meet(...names);
      world.happen({ kind: 'generating', on: false });
      world.happen({ kind: 'wished', wish: wishFor('/end.gguf', 36) });
      settle();
      world.pass(60_000);
      settle();
      if (world.state.worker === 'none') world.happen({ kind: 'workerWaiting' });
      settle();
      assert.equal(world.state.worker, 'running', world.steps.slice(-12).join(', '));
      assert.equal(world.state.current?.path, '/end.gguf');
    }
  });
});
