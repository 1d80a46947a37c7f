import assert from 'node:assert/strict';
import type { EngineOptions, ModelOptions, RoleOptions } from '../../../src/engine/protocol/engineTypes.js';
import { planWorkers, samePlan } from '../../../src/engine/runtime/workerPlan.js';

const role: RoleOptions = {
  model: { path: '/models/a.gguf', gpu: 'auto', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] },
  contextSize: 4_096,
  slots: 2,
};
const both: EngineOptions = { completion: role, chat: { ...role, slots: 3 }, pod: null, memoryBudgetBytes: 0, unloadAfterMs: 0, exitAfterMs: 0 };
const same = (path: string): string => path;

describe('worker plan', () => {
  it('roles with the same model share a worker with a context each', () => {
    assert.deepEqual(planWorkers(both, same), [
      { roles: ['completion', 'chat'], load: { model: role.model, completion: { contextSize: 4_096, slots: 2 }, chat: { contextSize: 4_096, slots: 3 }, remote: null } },
    ]);
  });

  it('links to one file are the same model', () => {
    const linked = { ...both, chat: { ...role, model: { ...role.model, path: '/link.gguf' } } };
    const [plan, ...others] = planWorkers(linked, () => '/models/real.gguf');
    assert.equal(plan?.load.model.path, '/models/real.gguf');
    assert.deepEqual(others, []);
  });

  const changes: Partial<ModelOptions>[] = [
    { path: '/models/b.gguf' }, { gpu: 'cpu' }, { gpuLayers: 4 }, { threads: 2 }, { batchSize: 256 }, { mmap: false }, { mlock: true },
    { kvType: 'q8_0' },
    { lora: [{ path: '/a/style.gguf', scale: 1 }] },
  ];
  for (const change of changes) {
    it(`a different ${Object.keys(change).join()} needs a worker of its own`, () => {
      const plans = planWorkers({ ...both, chat: { ...role, model: { ...role.model, ...change } } }, same);
      assert.deepEqual(plans.map(({ roles }) => roles), [['completion'], ['chat']]);
      assert.deepEqual(plans.map(({ load }) => [load.completion === null, load.chat === null]), [[false, true], [true, false]]);
    });
  }

  it('a role that is off has no worker', () => {
    assert.deepEqual(planWorkers({ ...both, completion: null }, same).map(({ roles }) => roles), [['chat']]);
    assert.deepEqual(planWorkers({ ...both, completion: null, chat: null }, same), []);
  });

  it('a worker goes on only when nothing about its model or contexts changes', () => {
    const plan = (options: EngineOptions) => {
      const [first] = planWorkers(options, same);
      assert.ok(first);
      return first;
    };
    const before = plan(both);
    assert.ok(samePlan(before, plan({ ...both, unloadAfterMs: 7, exitAfterMs: 7 })));
    assert.equal(samePlan(before, plan({ ...both, chat: role })), false);
    assert.equal(samePlan(before, plan({ ...both, completion: null })), false);
    assert.equal(samePlan(before, plan({ ...both, completion: { ...role, model: { ...role.model, threads: 1 } } })), false);
  });
});
