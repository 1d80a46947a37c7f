// Listens for machines at the port that it is given, as one that shares does, and can be found. Says when it is ready.
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { Discovery } from '../../src/engine/pod/net/discovery.js';
import { loadIdentity } from '../../src/engine/pod/net/identity.js';
import { listenForPeers } from '../../src/engine/pod/net/peerListener.js';

const port = Number(process.argv[2]);
const log = new Logger(nullLogSink, 'listener');
const identity = await loadIdentity(process.env['HOME'] ?? '.');
await listenForPeers({ port, identity, isTrusted: () => false, onConnection: ({ socket }) => socket.destroy(), clock: systemClock, log });
new Discovery({ clock: systemClock, log }).advertise({ fingerprint: identity.fingerprint, name: 'listener', port });
process.stdout.write('{"ready":true}\n');
