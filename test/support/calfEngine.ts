import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nullLogSink } from '../../src/engine/base/logger.js';
import { connectEngine } from '../../src/engine/client/connectEngine.js';
import type { EngineClient } from '../../src/engine/client/engineClient.js';
import { calf } from './workerProcess.js';

/** A real daemon of its own with calf for completion, and a client of it. */
export interface CalfEngine {
  readonly client: EngineClient;
  /** Ends the daemon and its worker, and waits until both are gone. */
  stop(): Promise<void>;
}

export async function startCalfEngine(options: { readonly slots: number }): Promise<CalfEngine> {
  const runtime = fs.mkdtempSync(path.join(os.tmpdir(), 'seekpod-test-'));
  const env = { ...process.env, SEEKPOD_RUNTIME_DIR: runtime };
  const client = connectEngine({ root: path.resolve('.'), clientName: 'test', log: nullLogSink, env });
  await client.configure({
    completion: { model: calf, contextSize: 0, slots: options.slots },
    chat: null,
    pod: null,
    unloadAfterMs: 0,
    memoryBudgetBytes: 0,
    exitAfterMs: 1_000,
  });
  return {
    client,
    async stop() {
      const { pid, workers } = await client.diagnostics();
      await client.shutdown();
      client.dispose();
      for (const process of [pid, ...workers.map((worker) => worker.pid)]) if (process !== null) await gone(process);
      fs.rmSync(runtime, { recursive: true, force: true });
    },
  };
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await wait(20);
  }
}
