import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { EngineRuntime, type EngineRuntimeOptions } from '../../src/engine/runtime/engineRuntime.js';
import { forkWorker } from '../../src/engine/runtime/forkedWorker.js';
import type { MemoryReading } from '../../src/engine/runtime/pressure/memoryReading.js';
import type { LayerPlacement } from '../../src/engine/runtime/layerPlacement.js';
import type { TestHome } from './leaks.js';
import { type chat, fakeWorkerFile } from './testClient.js';

export const plentyOfMemory: MemoryReading = { totalBytes: 64e9, availableBytes: 48e9, stalls: { some: 0, full: 0 }, system: null };

/** A runtime whose models `fakeWorker.mjs` plays, restarted at once that often; it ends with the test. `change` puts other things in its parts' places. */
export function fakeWorkerRuntime(home: TestHome, placement: LayerPlacement, backoffMs: readonly number[] = [0], change: Partial<EngineRuntimeOptions> = {}): EngineRuntime {
  const log = new Logger(nullLogSink, 'test');
  const runtime = new EngineRuntime({
    launch: (localMemory) => forkWorker(fakeWorkerFile, localMemory, log),
    policy: { backoffMs, windowMs: 60_000 },
    patience: { lookMs: 50, stepMs: 60_000 },
    clock: systemClock,
    log,
    realPath: (file) => file,
    placement,
    readMemory: async () => plentyOfMemory,
    ...change,
  });
  home.atEnd(() => runtime.dispose());
  return runtime;
}

/** What `chat` asks. */
export function chatOf(runtime: EngineRuntime): Parameters<typeof chat>[0] {
  return { chat: (request, report, own) => runtime.generate({ role: 'chat', request }, report, own) };
}
