import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { forkLayerServers } from '../../src/engine/pod/net/lending/layerServerProcess.js';
import { isFailure } from '../support/failures.js';
import { checkLeaks } from '../support/leaks.js';
import { fakeLayerServer } from '../support/lendingMachine.js';
import { ended } from '../support/processes.js';

describe('layer server process', () => {
  const home = checkLeaks();
  const servers = forkLayerServers(fakeLayerServer, new Logger(nullLogSink, 'test'));
  const signal = new AbortController().signal;
  const serve = (device: string, abort = signal) => servers.serve({ device, threads: 1, cacheDirectory: null }, abort);

  it('measures the devices and ends', async () => {
    assert.deepEqual((await servers.probe(true, signal)).devices.map(({ name, bandwidth }) => [name, bandwidth]), [['ok', 1e10]]);
  });

  it('listens on loopback when it is handed over', async () => {
    const server = await serve('ok');
    home.atEnd(() => server.dispose());
    const socket = net.connect(server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
  });

  it('is killed by its disposal, and says how it ended', async () => {
    const server = await serve('ok');
    server.dispose();
    assert.equal(await server.exited, 'SIGKILL');
    await ended(server.pid);
  });

  it('takes another port when somebody was faster', async () => {
    const file = path.join(home.runtimeDirectory, 'port');
    const starting = serve(`late-${file}`);
    while (!fs.existsSync(file) || fs.readFileSync(file).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const other = net.createServer().listen(Number(fs.readFileSync(file)), '127.0.0.1');
    home.atEnd(() => void other.close());
    await once(other, 'listening');
    fs.writeFileSync(`${file}.go`, '');
    const server = await starting;
    home.atEnd(() => server.dispose());
    assert.notEqual(server.port, Number(fs.readFileSync(file)));
  });

  it('that dies before it listens is a failure with the reason of ggml', async () => {
    await assert.rejects(serve('dies'), { failure: { code: 'remoteLayersUnavailable', reason: 'the layer server ended: SIGABRT, ggml.c:1: GGML_ASSERT(false) failed' } });
  });

  it('hands on why it cannot serve', () => assert.rejects(serve('refuses'), { failure: { code: 'remoteLayersUnavailable', reason: 'it is only a test' } }));

  it('that never listens can be given up', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    await assert.rejects(serve('silent', abort.signal), isFailure('cancelled'));
  });

  it('that is not there is a failure', async () => {
    const missing = forkLayerServers('/nowhere/layerServer.cjs', new Logger(nullLogSink, 'test'));
    await assert.rejects(missing.probe(false, signal), isFailure('remoteLayersUnavailable'));
  });
});
