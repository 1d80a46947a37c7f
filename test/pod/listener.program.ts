// Listens for machines as one that shares does. Arguments: the port, and `silent` for one whose multicast does not arrive.
// Says its fingerprint when it is ready.
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger, nullLogSink } from '../../src/engine/base/logger.js';
import { Discovery } from '../../src/engine/pod/net/discovery/discovery.js';
import { loadIdentity } from '../../src/engine/pod/net/identity/identity.js';
import { listenForPeers } from '../../src/engine/pod/net/peers/peerListener.js';

const port = Number(process.argv[2]);
const log = new Logger(nullLogSink, 'listener');
const identity = await loadIdentity(process.env['HOME'] ?? '.');
await listenForPeers({ port, identity, isTrusted: () => false, onConnection: ({ socket }) => socket.destroy(), clock: systemClock, log });
if (process.argv[3] !== 'silent') new Discovery({ clock: systemClock, log }).advertise({ fingerprint: identity.fingerprint, name: 'Announced', port });
process.stdout.write(`${JSON.stringify({ ready: identity.fingerprint })}\n`);
