import assert from 'node:assert/strict';
import { nextStep } from '../../../src/engine/pod/core/state/reconcile.js';
import { ours } from '../../support/placementExamples.js';
import { factsOf, fingerprintOf, PodWorld, unreachable, well, wishFor } from '../../support/podWorld.js';

/** Alice and Bob have joined, and a model that needs both runs. */
function running(layers = 32): PodWorld {
  const world = new PodWorld();
  world.meet('Alice', 'Bob');
  world.happen({ kind: 'wished', wish: wishFor('/big.gguf', layers) });
  world.happen({ kind: 'workerWaiting' });
  world.run();
  assert.equal(world.state.worker, 'running');
  return world;
}

describe('reconcile', () => {
  it('does nothing while nobody looks and nobody asks', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 32) });
    assert.deepEqual(world.run(), []);
    assert.deepEqual(nextStep(world.state), { kind: 'wait', until: null });
  });

  it('connects to paired machines while somebody looks, greets them and measures their links', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'seen', machine: fingerprintOf('Eve'), name: 'Eve', addresses: [{ host: '10.0.0.9', port: 1 }] });
    world.happen({ kind: 'watched', on: true });
    assert.deepEqual(world.run(), ['probe', 'connect Alice', 'greet Alice', 'measure Alice']);
    world.happen({ kind: 'watched', on: false });
    assert.deepEqual(world.run(), ['disconnect Alice']);
  });

  it('asks for facts again from time to time while somebody looks', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'watched', on: true });
    world.run();
    assert.deepEqual(nextStep(world.state), { kind: 'wait', until: world.now + 5_000 });
    world.pass(5_000);
    assert.deepEqual(world.run(), ['greet Alice']);
  });

  it('plans when everybody had the chance to be there, then leases, tunnels and loads', () => {
    const world = new PodWorld();
    world.meet('Alice', 'Bob');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 32) });
    world.happen({ kind: 'workerWaiting' });
    const steps = world.run();
    assert.deepEqual(steps.slice(0, 7), ['probe', 'connect Alice', 'greet Alice', 'measure Alice', 'connect Bob', 'greet Bob', 'measure Bob']);
    assert.deepEqual(steps.slice(7), ['plan', 'lease Alice', 'openTunnel Alice', 'lease Bob', 'openTunnel Bob', 'load']);
    assert.equal(world.state.worker, 'running');
  });

  it('waits with the plan for a machine that is being connected to', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    while (world.begin());
    assert.deepEqual(world.steps, ['probe', 'connect Alice']);
  });

  it('begins with several machines at once', () => {
    const world = new PodWorld();
    world.meet('Alice', 'Bob', 'Carol');
    world.happen({ kind: 'watched', on: true });
    while (world.begin());
    assert.deepEqual(world.steps, ['probe', 'connect Alice', 'connect Bob', 'connect Carol']);
  });

  it('releases everything when the worker was unloaded', () => {
    const world = running();
    world.happen({ kind: 'workerEnded' });
    assert.deepEqual(world.run(), ['closeTunnel Alice', 'closeTunnel Bob', 'release Alice', 'release Bob', 'disconnect Alice', 'disconnect Bob']);
  });

  it('ends the worker at once when a machine is lost in the middle of an answer, and plans on the rest', () => {
    const world = running(24);
    const [used] = world.state.current?.plan.parts.filter((part) => part.id !== 'here') ?? [];
    const [lost, other] = used?.id === fingerprintOf('Alice') ? ['Alice', 'Bob'] : ['Bob', 'Alice'];
    world.happen({ kind: 'generating', on: true });
    world.happen({ kind: 'lost', machine: fingerprintOf(lost), failure: unreachable(lost) });
    const steps = world.run();
    assert.equal(steps[0], 'stopWorker');
    assert.ok(steps.includes(`closeTunnel ${lost}`) && !steps.includes(`release ${lost}`));
    world.happen({ kind: 'workerWaiting' });
    assert.deepEqual(world.run(), ['plan', `lease ${other}`, `openTunnel ${other}`, 'load']);
    assert.equal(world.state.lost, null);
  });

  it('does not wait for other machines when it plans again after a loss', () => {
    const world = running(24);
    world.meet('Carol');
    while (world.begin());
    assert.equal(world.machine('Carol').doing, 'connect');
    const part = world.state.current?.plan.parts.find((candidate) => candidate.id !== 'here');
    assert.ok(part !== undefined);
    world.happen({ kind: 'lost', machine: part.id, failure: unreachable('it') });
    world.pending.length = 0;
    world.begin();
    world.end(0);
    while (world.begin() && world.pending.length > 0) world.end(0);
    world.happen({ kind: 'workerWaiting' });
    assert.equal(world.machine('Carol').doing, 'connect');
    assert.deepEqual(nextStep(world.state), { kind: 'plan' });
  });

  it('falls back, and says who was lost, when the rest is too small and she does not come back', () => {
    const world = running();
    world.outcome = (action, machine) => (action === 'connect' ? { kind: 'failed', machine: machine.fingerprint, action, failure: unreachable(machine.name) } : well(action, machine));
    world.happen({ kind: 'lost', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    world.run();
    world.happen({ kind: 'workerWaiting' });
    for (let waited = 0; waited < 5_000; waited += 500) {
      assert.ok(!world.run().includes('fallBack'));
      world.pass(500);
    }
    assert.ok(world.run().includes('fallBack'));
    assert.deepEqual(world.state.fallback, { code: 'podLost', machine: 'Alice', reason: 'nothing heard' });
    assert.equal(world.state.worker, 'none');
  });

  it('goes on with all of them when it was this machine that slept: none was heard, and each is there again', () => {
    const world = running();
    for (const name of ['Alice', 'Bob']) {
      world.happen({ kind: 'tunnelBroke', machine: fingerprintOf(name), failure: unreachable(name) });
      world.happen({ kind: 'lost', machine: fingerprintOf(name), failure: unreachable(name) });
    }
    world.run();
    world.happen({ kind: 'workerWaiting' });
    assert.deepEqual(world.run(), ['plan']);
    world.pass(1_000);
    const steps = world.run();
    assert.equal(steps.at(-1), 'load');
    assert.equal(world.state.worker, 'running');
    assert.deepEqual([world.state.fallback, world.state.lost], [null, null]);
  });

  it('waits until it is known why a tunnel broke: the machine is gone too, or has ended the lease', () => {
    const world = running();
    world.happen({ kind: 'tunnelBroke', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    world.run();
    world.happen({ kind: 'workerWaiting' });
    assert.ok(!world.run().includes('fallBack'));
    world.happen({ kind: 'revoked', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    assert.ok(world.run().includes('fallBack'));
  });

  it('falls back at once when the machine that left has ended the lease itself, or is not paired any more', () => {
    for (const event of [{ kind: 'revoked', machine: fingerprintOf('Alice'), failure: unreachable('Alice') }, { kind: 'unpaired', machine: fingerprintOf('Alice') }] as const) {
      const world = running();
      world.happen(event);
      world.run();
      world.happen({ kind: 'workerWaiting' });
      assert.equal(world.run().find((step) => step === 'plan' || step === 'fallBack'), 'plan');
      assert.equal(world.state.fallback?.code, 'podLost');
    }
  });

  it('goes on here alone when the rest is this machine and the model fits', () => {
    const world = new PodWorld(well, [ours('gpu', { usableBytes: 64e9 })]);
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/small.gguf', 10) });
    world.happen({ kind: 'workerWaiting' });
    world.run();
    world.happen({ kind: 'lost', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    world.run();
    world.happen({ kind: 'workerWaiting' });
    assert.deepEqual(world.run().slice(0, 2), ['plan', 'load']);
  });

  it('lets an answer end before another model takes the place of the present one', () => {
    const world = running();
    world.happen({ kind: 'generating', on: true });
    world.happen({ kind: 'wished', wish: wishFor('/other.gguf', 30) });
    assert.deepEqual(world.run(), ['drain']);
    assert.equal(world.state.worker, 'draining');
    world.happen({ kind: 'generating', on: false });
    assert.deepEqual(world.run().slice(0, 3), ['stopWorker', 'closeTunnel Alice', 'closeTunnel Bob']);
  });

  it('does not wait for an answer any more when a machine is lost meanwhile', () => {
    const world = running();
    world.happen({ kind: 'generating', on: true });
    world.happen({ kind: 'wished', wish: null });
    world.run();
    world.happen({ kind: 'lost', machine: fingerprintOf('Bob'), failure: unreachable('Bob') });
    assert.equal(world.run()[0], 'stopWorker');
  });

  it('leaves a running model alone when a machine joins', () => {
    const world = running();
    world.happen({ kind: 'generating', on: true });
    world.meet('Carol');
    assert.deepEqual(world.run(), ['connect Carol', 'greet Carol', 'measure Carol']);
    assert.equal(world.state.worker, 'running');
  });

  it('plans without a machine that is held by somebody else, after the leases of the first plan were released', () => {
    const world = new PodWorld((action, machine) =>
      action === 'lease' && machine.name === 'Bob' ? { kind: 'failed', machine: machine.fingerprint, action, failure: { code: 'leaseHeld', machine: 'Bob', holder: 'Mallory' } } : well(action, machine));
    world.meet('Alice', 'Bob', 'Carol');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 32) });
    world.happen({ kind: 'workerWaiting' });
    const steps = world.run();
    const failed = steps.indexOf('lease Bob');
    const again = steps.indexOf('plan', failed);
    assert.ok(failed > 0 && again > failed);
    assert.ok(steps.slice(failed, again).includes('release Alice'));
    assert.equal(world.state.worker, 'running');
    assert.ok(!world.state.current?.plan.parts.some((part) => part.id === fingerprintOf('Bob')));
  });

  it('says who holds the machine that the model needs', () => {
    const world = new PodWorld((action, machine) => (action === 'greet' ? { kind: 'greeted', machine: machine.fingerprint, facts: factsOf(machine.name, { offer: { kind: 'held', holder: 'Mallory' } }) } : well(action, machine)));
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    world.run();
    assert.deepEqual(world.state.fallback, { code: 'leaseHeld', machine: 'Alice', holder: 'Mallory' });
  });

  it('uses a machine again some time after it refused', () => {
    let refuses = true;
    const world = new PodWorld((action, machine) =>
      action === 'lease' && refuses ? { kind: 'failed', machine: machine.fingerprint, action, failure: { code: 'leaseRefused', machine: 'Alice', reason: 'noMemory' } } : well(action, machine));
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    world.run();
    assert.deepEqual(world.state.fallback, { code: 'leaseRefused', machine: 'Alice', reason: 'noMemory' });
    refuses = false;
    world.happen({ kind: 'workerWaiting' });
    assert.ok(!world.run().includes('lease Alice'));
    world.pass(10_000);
    world.happen({ kind: 'workerWaiting' });
    world.run();
    assert.equal(world.state.worker, 'running');
  });

  it('names a different build, and leaves that machine out', () => {
    const theirs = { llama: 'v0.5.0', rpcProtocol: '6.0.0' };
    const world = new PodWorld((action, machine) => (action === 'greet' ? { kind: 'greeted', machine: machine.fingerprint, facts: factsOf(machine.name, { build: theirs }) } : well(action, machine)));
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    assert.ok(!world.run().includes('measure Alice'));
    assert.deepEqual(world.state.fallback, { code: 'differentBuild', machine: 'Alice', ours: 'v0.4.0, RPC 6.0.0', theirs: 'v0.5.0, RPC 6.0.0' });
  });

  it('names another protocol between the machines, and leaves that machine out', () => {
    const world = new PodWorld((action, machine) => (action === 'greet' ? { kind: 'greeted', machine: machine.fingerprint, facts: factsOf(machine.name, { protocolVersion: 2 }) } : well(action, machine)));
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    assert.ok(!world.run().includes('measure Alice'));
    assert.deepEqual(world.state.fallback, { code: 'differentBuild', machine: 'Alice', ours: 'protocol 1', theirs: 'protocol 2' });
  });

  it('waits twice as long after each failure to connect, up to half a minute, and not when it appears anew', () => {
    const world = new PodWorld((action, machine) => (action === 'connect' ? { kind: 'failed', machine: machine.fingerprint, action, failure: unreachable('Alice') } : well(action, machine)));
    world.meet('Alice');
    world.happen({ kind: 'watched', on: true });
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      world.run();
      const step = nextStep(world.state);
      assert.ok(step.kind === 'wait' && step.until !== null);
      waits.push(step.until - world.now);
      world.pass(step.until - world.now);
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    world.run();
    world.outcome = well;
    assert.deepEqual(world.run(), []);
    world.happen({ kind: 'seen', machine: fingerprintOf('Alice'), name: 'Alice', addresses: [{ host: '10.0.0.3', port: 1 }] });
    assert.deepEqual(world.run(), ['connect Alice', 'greet Alice', 'measure Alice']);
  });

  describe('a connected machine that is seen at another address', () => {
    const cable = { host: '169.254.1.2', port: 4_000 };
    const seenAt = (world: PodWorld, ...addresses: { host: string; port: number }[]): void => world.happen({ kind: 'seen', machine: fingerprintOf('Alice'), name: 'Alice', addresses });

    it('is connected to anew a little later, over all its addresses, and measured', () => {
      const world = new PodWorld();
      world.meet('Alice');
      world.happen({ kind: 'watched', on: true });
      world.run();
      seenAt(world, { host: '10.0.0.2', port: 4_000 }, cable);
      assert.deepEqual(world.run(), []);
      world.pass(5_000);
      assert.deepEqual(world.run(), ['greet Alice']);
      world.pass(5_000);
      assert.deepEqual(world.run(), ['connect Alice', 'greet Alice', 'measure Alice']);
      seenAt(world, { host: '10.0.0.2', port: 4_000 }, cable);
      world.pass(10_000);
      assert.deepEqual(world.run(), ['greet Alice']);
    });

    it('keeps its connection while its layers are in use', () => {
      const world = running();
      seenAt(world, { host: '10.0.0.2', port: 4_000 }, cable);
      world.pass(20_000);
      assert.deepEqual(world.run(), []);
    });

    it('is away when that fails', () => {
      const world = new PodWorld();
      world.meet('Alice');
      world.happen({ kind: 'watched', on: true });
      world.run();
      seenAt(world, cable);
      world.outcome = (action, machine) => (action === 'connect' ? { kind: 'failed', machine: machine.fingerprint, action, failure: unreachable('Alice') } : well(action, machine));
      world.pass(10_000);
      world.run();
      const { connected, facts, link, retryAt } = world.machine('Alice');
      assert.deepEqual([connected, facts, link, retryAt], [false, null, null, world.now + 1_000]);
    });
  });

  it('closes a tunnel that came too late', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    while (world.machine('Alice').doing !== 'openTunnel') {
      if (world.pending.length > 0) world.end(0);
      world.begin();
    }
    world.happen({ kind: 'wished', wish: null });
    world.happen({ kind: 'workerEnded' });
    assert.deepEqual(world.run(), ['closeTunnel Alice', 'release Alice', 'disconnect Alice']);
  });

  it('does not believe in a lease whose connection is gone', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    while (world.machine('Alice').doing !== 'lease') {
      if (world.pending.length > 0) world.end(0);
      world.begin();
    }
    world.happen({ kind: 'lost', machine: fingerprintOf('Alice'), failure: unreachable('Alice') });
    const steps = world.run();
    assert.ok(!steps.includes('openTunnel Alice') && !steps.includes('release Alice'));
    assert.equal(world.state.worker, 'none');
  });

  it('ends the worker and forgets the machine that is unpaired while it has a part', () => {
    const world = running();
    world.happen({ kind: 'unpaired', machine: fingerprintOf('Alice') });
    const steps = world.run();
    assert.equal(steps[0], 'stopWorker');
    assert.ok(steps.includes('closeTunnel Alice') && steps.includes('disconnect Alice'));
    assert.equal(world.state.machines.has(fingerprintOf('Alice')), false);
  });

  it('treats a broken tunnel as a loss, and gives the lease back', () => {
    const world = running(24);
    const part = world.state.current?.plan.parts.find((candidate) => candidate.id !== 'here');
    assert.ok(part !== undefined);
    const { name } = [...world.state.machines.values()].find((machine) => machine.fingerprint === part.id) ?? { name: '' };
    world.happen({ kind: 'tunnelBroke', machine: part.id, failure: unreachable(name) });
    const steps = world.run();
    assert.equal(steps[0], 'stopWorker');
    assert.ok(steps.includes(`release ${name}`));
    world.happen({ kind: 'workerWaiting' });
    assert.ok(!world.run().includes(`lease ${name}`));
    assert.equal(world.state.worker, 'running');
  });

  it('says what this machine is missing instead of planning', () => {
    const world = new PodWorld();
    world.meet('Alice');
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    world.begin();
    world.pending.length = 0;
    world.happen({ kind: 'probeFailed', failure: { code: 'remoteLayersUnavailable', reason: 'no compiler' } });
    world.run();
    assert.deepEqual(world.state.fallback, { code: 'remoteLayersUnavailable', reason: 'no compiler' });
  });
});
