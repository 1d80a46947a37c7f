import assert from 'node:assert/strict';
import { Logger, nullLogSink } from '../../../src/engine/base/logger.js';
import { PodPlacement } from '../../../src/engine/pod/podPlacement.js';
import type { LoadParams } from '../../../src/engine/protocol/workerMessages.js';
import { isFailure } from '../../support/failures.js';
import { checkLeaks } from '../../support/leaks.js';
import { settle } from '../../support/manualClock.js';
import { PodWorld, wishFor } from '../../support/podWorld.js';

const loadOf = (path: string): LoadParams => ({
  model: { path, gpu: 'auto', gpuLayers: 'auto', threads: 0, batchSize: 512, mmap: true, mlock: false, kvType: 'auto', lora: [] },
  completion: null,
  chat: { contextSize: 4_096, slots: 1 },
  remote: null,
});

describe('the start of a model on the pod that waits for a plan', () => {
  const home = checkLeaks();
  const signal = new AbortController().signal;

  for (const [what, next] of [['another model is wanted', loadOf('/other.gguf')], ['none is wanted any more', null]] as const) {
    it(`ends when ${what}`, async () => {
      const world = new PodWorld();
      const placement = new PodPlacement({
        log: new Logger(nullLogSink, 'test'),
        ready: async () => undefined,
        readWish: async ({ model }) => wishFor(model.path, 1_000),
        happened: (event) => world.happen(event),
        state: () => world.state,
        tunnels: { endpoints: () => [], setMemory: () => undefined },
        onChange: () => undefined,
      });
      home.atEnd(() => placement.dispose());
      const load = loadOf('/big.gguf');
      placement.aim(load);
      const prepared = placement.source(load).prepare(signal);
      const ended = assert.rejects(prepared, isFailure('cancelled'));
      await settle();
      assert.equal(world.state.worker, 'waiting');
      placement.aim(next);
      await ended;
    });
  }
});
