// Entry point of a worker process: loads one model and serves it to the daemon that forked it.
import { createMessageConnection } from 'vscode-jsonrpc/node';
import { IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/clock.js';
import { Logger } from '../base/logger.js';
import { endWithParent } from '../base/parentWatch.js';
import { notify } from '../protocol/wire.js';
import { workerLogNotification } from '../protocol/workerMessages.js';
import { LlamaBackend } from './llamaBackend.js';
import { serveWorker } from './workerServer.js';

if (process.send === undefined) throw new Error('a worker is started by the daemon, with an IPC channel');

// Without its daemon a worker has no purpose. A normal exit would wait for native work that runs at the moment
// (a load or a decode step of a large model), so the process ends itself the hard way; it has nothing to save.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
endWithParent();
// The terminal sends these to the whole group; the daemon decides when a worker ends.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const logger = new Logger({ write: (record) => notify(connection, workerLogNotification, record) }, 'worker');
const packages = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node_modules', '@node-llama-cpp');
serveWorker(connection, new LlamaBackend(logger.child('llama'), packages), systemClock);
connection.listen();
