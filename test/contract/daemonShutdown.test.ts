import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { systemClock } from '../../src/engine/base/clock.js';
import { nullLogSink } from '../../src/engine/base/logger.js';
import { currentEnginePaths } from '../../src/engine/client/connectEngine.js';
import { createEngineClient } from '../../src/engine/client/daemonEngineClient.js';
import { daemonProtocolVersion, helloRequest, shutdownRequest } from '../../src/engine/protocol/daemonMessages.js';
import { wireLimits } from '../../src/engine/protocol/frameGuard.js';
import { connectStreams } from '../../src/engine/protocol/streamConnection.js';
import { serve } from '../../src/engine/protocol/wire.js';
import { checkLeaks } from '../support/leaks.js';

describe('ending the daemon', () => {
  const home = checkLeaks();

  it('has succeeded when the daemon is gone before its answer is heard', async () => {
    const paths = currentEnginePaths(home.env);
    const server = net.createServer((socket) => {
      const { connection } = connectStreams({
        streams: { input: socket, output: socket, close: () => socket.destroy() },
        limits: wireLimits,
        onInvalid: () => undefined,
        onBroken: () => undefined,
      });
      serve(connection, helloRequest, async () => ({ protocolVersion: daemonProtocolVersion, daemonVersion: '1.2.3', pid: 1, configured: false }));
      serve(connection, shutdownRequest, () => {
        socket.destroy();
        return new Promise(() => undefined);
      });
      connection.listen();
      socket.once('close', () => connection.dispose());
    });
    server.listen(paths.socket);
    await once(server, 'listening');
    home.atEnd(() => void server.close());
    const client = createEngineClient({
      paths,
      launch: () => assert.fail('started'),
      clientName: 'test',
      clientVersion: '1.2.3',
      log: nullLogSink,
      clock: systemClock,
      configure: 'ifUnset',
    });
    home.atEnd(() => client.dispose());
    assert.equal(await client.shutdown(), true);
  });
});
