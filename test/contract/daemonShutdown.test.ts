import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import { createEngineClient } from '../../src/engine/client/daemonEngineClient.js';
import { openSession } from '../../src/engine/client/openSession.js';
import { daemonProtocolVersion, helloRequest, shutdownRequest } from '../../src/engine/protocol/daemonMessages.js';
import { wireLimits } from '../../src/engine/protocol/frameGuard.js';
import { connectStreams } from '../../src/engine/protocol/streamConnection.js';
import { serve } from '../../src/engine/protocol/wire.js';
import { checkLeaks } from '../support/leaks.js';

describe('ending the daemon', () => {
  const home = checkLeaks();

  let asked: number;

  /** A daemon that goes as soon as it is asked to, and where the next one listens at once. */
  beforeEach(async () => {
    asked = 0;
    const server = net.createServer((socket) => {
      const { connection } = connectStreams({
        streams: { input: socket, output: socket, close: () => socket.destroy() },
        limits: wireLimits,
        onInvalid: () => undefined,
        onBroken: () => undefined,
      });
      serve(connection, helloRequest, async () => ({ protocolVersion: daemonProtocolVersion, daemonVersion: '1.2.3', pid: 1, configured: false }));
      serve(connection, shutdownRequest, () => {
        asked++;
        socket.destroy();
        return new Promise(() => undefined);
      });
      connection.listen();
      socket.once('close', () => connection.dispose());
    });
    server.listen(currentEnginePaths(home.env).socket);
    await once(server, 'listening');
    home.atEnd(() => void server.close());
  });

  const optionsOf = (clientVersion: string) => ({ paths: currentEnginePaths(home.env), launch: () => assert.fail('started'), clientName: 'test', clientVersion, clock: systemClock });

  it('has succeeded when the daemon is gone before its answer is heard', async () => {
    const client = createEngineClient({ ...optionsOf('1.2.3'), log: nullLogSink, configure: 'ifUnset' });
    home.atEnd(() => client.dispose());
    assert.equal(await client.shutdown(), true);
  });

  it('is asked of an older one once, also when it is gone before its answer is heard', async () => {
    const { session } = await openSession({ ...optionsOf('2.0.0'), log: new Logger(nullLogSink, 'test') }, new AbortController().signal);
    session.dispose();
    assert.equal(asked, 1);
  });
});
