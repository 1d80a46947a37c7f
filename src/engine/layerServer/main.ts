// Entry point of a layer server: lends a device of this machine through ggml's RPC on loopback, or says which devices there are.
import path from 'node:path';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { endWithParent } from '../base/parentWatch.js';
import { probeRequest, serveLayersRequest } from '../protocol/layerServerMessages.js';
import { serve } from '../protocol/wire.js';
import { findLocalDevices, type LocalDevices } from './localDevices.js';
import { probe } from './probe.js';
import { serveDevice } from './serveDevice.js';

if (process.send === undefined) throw new Error('a layer server is started by the daemon, with an IPC channel');

// It has nothing to save, and a normal exit would wait for native work.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
endWithParent();
// The terminal sends these to the whole group; the daemon decides when a layer server ends.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);

const packages = path.join(__dirname, 'node_modules', '@node-llama-cpp');
let found: Promise<LocalDevices> | null = null;
const local = (): Promise<LocalDevices> => (found ??= findLocalDevices(packages));

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
serve(connection, probeRequest, async ({ measure }) => probe(await local(), measure));
serve(connection, serveLayersRequest, async (params) => {
  await serveDevice(await local(), params, () => process.exit(1));
  return null;
});
connection.listen();
