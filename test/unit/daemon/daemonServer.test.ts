import assert from 'node:assert/strict';
import { Logger, nullLogSink } from '../../../src/engine/base/logger.js';
import { DaemonServer } from '../../../src/engine/daemon/daemonServer.js';
import { FakeEngine } from '../../support/fakeEngine.js';
import { FakeModels } from '../../support/fakeModels.js';
import { FakePod } from '../../support/fakePod.js';
import { ManualClock } from '../../support/manualClock.js';

describe('a daemon that nobody needs', () => {
  for (const [stays, expected] of [[false, ['nobody has needed it for a while']], [true, []]] as const) {
    it(`${stays ? 'stays while somebody looks on in a terminal' : 'ends by itself'}`, async () => {
      const clock = new ManualClock();
      const ends: string[] = [];
      const server = new DaemonServer({
        version: '1.2.3',
        engine: new FakeEngine(),
        pod: new FakePod(),
        models: new FakeModels(),
        clock,
        log: new Logger(nullLogSink, 'daemon'),
        stays,
        onEnd: (why) => ends.push(why),
      });
      await clock.advance(3_600_000);
      server.dispose();
      assert.deepEqual(ends, expected);
    });
  }
});
