import path from 'node:path';
import { raceAbort } from '../../src/engine/base/async.js';
import { systemClock } from '../../src/engine/base/clock.js';
import { type Disposable, DisposableStore } from '../../src/engine/base/disposable.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { DaemonServer } from '../../src/engine/daemon/daemonServer.js';
import type { PlanPreview } from '../../src/engine/protocol/podTypes.js';
import { FakeEngine } from './fakeEngine.js';
import { FakeModels } from './fakeModels.js';
import { FakePod } from './fakePod.js';
import { preview } from './podFixtures.js';

declare const __SEEKPOD_VERSION__: string;

class StagedPod extends FakePod {
  preview: PlanPreview = preview();
  /** Of the last pairing that was asked for: it lasts until it is withdrawn. */
  pairSignal: AbortSignal | null = null;

  override async pair(fingerprint: string, signal: AbortSignal): Promise<void> {
    this.pairSignal = signal;
    this.calls.push(['pair', fingerprint]);
    await raceAbort(new Promise<never>(() => undefined), signal);
  }

  override async plan(...asked: Parameters<FakePod['plan']>): Promise<PlanPreview> {
    await super.plan(...asked);
    return this.preview;
  }
}

/** A daemon that says of the pod what a test wants, for what several real machines do only now and then: the real socket and the real wire. */
export class PodStage implements Disposable {
  readonly #store = new DisposableStore();
  readonly engine = new FakeEngine();
  readonly pod = new StagedPod();
  readonly models = new FakeModels();

  /** Serves the windows whose runtime directory this is; to be called before any of them needs a daemon. */
  static async open(runtimeDirectory: string): Promise<PodStage> {
    const stage = new PodStage();
    const server = stage.#store.add(new DaemonServer({
      version: __SEEKPOD_VERSION__,
      engine: stage.engine,
      pod: stage.pod,
      models: stage.models,
      clock: systemClock,
      log: new Logger(nullLogSink, 'stage'),
      stays: false,
      onEnd: () => undefined,
    }));
    await server.listen(path.join(runtimeDirectory, 'daemon.sock'));
    return stage;
  }

  dispose(): void {
    this.#store.dispose();
  }
}
