// A hub on the loopback of a machine, for as long as it lives. Arguments: the file that it has, and bytes per second on a connection.
// Says its endpoint when it is ready.
import fs from 'node:fs';
import { HubServer } from '../support/hubServer.js';

const [, , file = '', bytesPerSecond = ''] = process.argv;
const hub = await HubServer.open({ atEnd: () => undefined });
hub.put('someone/some-model', 'model.gguf', fs.readFileSync(file));
hub.fault = ({ at }) => (at === 'storage' ? { kind: 'slow', bytesPerSecond: Number(bytesPerSecond) } : null);
process.stdout.write(`${JSON.stringify({ ready: hub.endpoint })}\n`);
