import { Logger, type LogRecord } from '../../src/engine/base/logger.js';
import { ClientConnection, type DaemonContext } from '../../src/engine/daemon/clientConnection.js';
import type { FrameLimits } from '../../src/engine/protocol/frameGuard.js';
import type { ByteStreams } from '../../src/engine/protocol/streamConnection.js';
import { FakeEngine } from './fakeEngine.js';
import { FakeModels } from './fakeModels.js';
import { FakePod } from './fakePod.js';
import { ManualClock } from './manualClock.js';
import { streamPair } from './streamPair.js';

export const testLimits: FrameLimits = { headerBytes: 128, messageBytes: 20_000 };

/** The daemon's side of one connection over streams in memory, with a fake engine behind it. */
export class DaemonEnd {
  readonly engine = new FakeEngine();
  readonly pod = new FakePod();
  readonly models = new FakeModels();
  readonly clock = new ManualClock();
  readonly records: LogRecord[] = [];
  readonly client: ByteStreams;
  readonly connection: ClientConnection;
  closed = false;
  configured = false;
  /** Whether another client is there, so that the daemon may not be ended. */
  inUse = false;
  ended = false;

  constructor(version = '1.2.3') {
    const [client, daemon] = streamPair();
    this.client = client;
    const context: DaemonContext = {
      version,
      engine: this.engine,
      pod: this.pod,
      models: this.models,
      configured: () => this.configured,
      configure: (_client, options) => this.engine.configure(options),
      network: (_client, options) => this.models.network(options),
      diagnostics: () => ({ daemonVersion: version, pid: 1, uptimeMs: 2, clients: 1, workers: this.engine.workers, status: this.engine.status }),
      shutdown: () => {
        if (!this.inUse) this.ended = true;
        return !this.inUse;
      },
    };
    this.connection = new ClientConnection({
      streams: daemon,
      daemon: context,
      limits: testLimits,
      helloLimitMs: 1_000,
      clock: this.clock,
      log: new Logger({ write: (record) => this.records.push(record) }, 'daemon'),
      onHello: () => undefined,
      onClosed: () => (this.closed = true),
    });
  }
}
