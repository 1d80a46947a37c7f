// A lender in a process of its own: a layer server on loopback, reached raw or through TLS and the guard.
// argv: JSON of { bundle, layerServer, directory, threads, cache, token }; says its ports over IPC and ends with its parent.
import fs from 'node:fs';
import path from 'node:path';

const { bundle, layerServer, directory, threads, cache, token } = JSON.parse(process.argv[2]);
const { forkLayerServers, listenForPeers, loadIdentity, Logger, MemoryLimit, nullLogSink, serveLayers, systemClock } = await import(bundle);
const log = new Logger(nullLogSink, 'bench');
const signal = new AbortController().signal;
const cacheDirectory = cache ? path.join(directory, 'cache') : null;
if (cacheDirectory !== null) fs.mkdirSync(cacheDirectory);
const servers = forkLayerServers(layerServer, log);
const server = await servers.serve({ device: 'CPU', threads, cacheDirectory }, signal);
const identity = await loadIdentity(directory);
const limit = new MemoryLimit(2 ** 40);
const listener = await listenForPeers({
  port: 0,
  identity,
  isTrusted: () => true,
  onConnection: (connection) => void serveLayers({ connection, token, port: server.port, limit, clock: systemClock, log }),
  clock: systemClock,
  log,
});
process.on('disconnect', () => {
  server.dispose();
  process.exit(0);
});
process.send({ raw: server.port, tls: listener.port, fingerprint: identity.fingerprint });
