import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { PredictedLoad } from '../../src/engine/models/predictor.js';
import { shapes } from '../support/fitExamples.js';
import { checkLeaks } from '../support/leaks.js';
import { pairInProcess, type PodInProcess, startPod } from '../support/podInProcess.js';

const signal = new AbortController().signal;
const load: PredictedLoad = { shape: shapes.coder1, contextSize: 2_048, kvType: 'f16', slots: 1, batchSize: 512 };

/** Connections, keys and pairing are real; the devices are what the test says. */
describe('what a machine and its pod would do with a model', () => {
  const home = checkLeaks();
  let near: PodInProcess;

  beforeEach(async () => {
    near = await startPod(home, 'near', 'coordinator');
  });

  it('is a prediction for this machine alone where nobody is paired', async () => {
    const { here, pod } = await near.pod.predictor.predict(load, signal);
    assert.ok(here !== null && here > 0);
    assert.equal(pod, null);
  });

  it('has the pod as soon as the link to a paired machine that lends is measured', async () => {
    const far = await startPod(home, 'far', 'lender');
    await pairInProcess(near, far);
    await near.until(({ machines }) => machines.some(({ paired, link }) => paired && link !== null));
    const { here, pod } = await near.pod.predictor.predict(load, signal);
    assert.ok(here !== null && pod !== null && pod > here);
  });

  it('knows no pod that has stopped lending', async () => {
    const far = await startPod(home, 'far', 'lender');
    await pairInProcess(near, far);
    await far.pod.share(null);
    await near.until(({ machines }) => machines.every(({ paired, lendableBytes }) => !paired || lendableBytes === null));
    assert.equal((await near.pod.predictor.predict(load, signal)).pod, null);
  });

  it('knows the memory of this machine', async () => {
    near.setFreeMemory(5e9);
    assert.deepEqual(await near.pod.predictor.machine(signal), { ramTotal: 16e9, ramAvailable: 5e9, gpu: null });
  });

  it('can be cancelled while the pod is looked for', async () => {
    const far = await startPod(home, 'far', 'lender');
    await pairInProcess(near, far);
    const cancelled = AbortSignal.abort();
    await assert.rejects(near.pod.predictor.predict(load, cancelled), { failure: { code: 'cancelled' } });
  });
});

describe('a machine without a pod', () => {
  const home = checkLeaks();

  it('gets no identity from a prediction', async () => {
    const lone = await startPod(home, 'lone', 'coordinator', { watch: false });
    const { here, pod } = await lone.pod.predictor.predict(load, signal);
    assert.ok(here !== null && pod === null);
    assert.equal(fs.existsSync(path.join(home.runtimeDirectory, 'lone', 'identity.json')), false);
  });
});
