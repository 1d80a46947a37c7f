import assert from 'node:assert/strict';
import { patientOf } from '../../../src/engine/pod/podDoctor.js';
import { factsOf, PodWorld, wishFor } from '../../support/podWorld.js';

const hour = 3_600_000;

describe('a machine as the doctor looks at it', () => {
  const world = new PodWorld();
  world.meet('Alice');
  world.happen({ kind: 'watched', on: true });
  world.run();

  it('has the difference between the clocks in seconds', () => {
    assert.equal(patientOf({ ...world.machine('Alice'), facts: factsOf('Alice', { clock: hour }) }, hour - 90_000).clockAhead, 90);
  });

  it('has none while its layers are in use: what it said before has grown old', () => {
    world.happen({ kind: 'wished', wish: wishFor('/big.gguf', 20) });
    world.happen({ kind: 'workerWaiting' });
    world.run();
    assert.equal(world.state.worker, 'running');
    assert.equal(patientOf(world.machine('Alice'), hour).clockAhead, null);
  });
});
