// A machine of the discovery tests: browses, advertises when told, and writes what it sees, a JSON line each.
import readline from 'node:readline';
import { systemClock } from '../../src/engine/base/clock.js';
import { Logger } from '../../src/engine/base/logger.js';
import { Discovery } from '../../src/engine/pod/net/discovery/discovery.js';
import type { Advertisement } from '../../src/engine/pod/net/discovery/advertiser.js';

type Command = { readonly do: 'advertise'; readonly what: Advertisement | null } | { readonly do: 'browse'; readonly on: boolean } | { readonly do: 'report' } | { readonly do: 'end' };

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const log = new Logger({ write: (record) => say({ log: record.message }) }, 'discovery');
const discovery = new Discovery({ clock: systemClock, log });
discovery.onSeen((sighting) => say({ seen: sighting }));
discovery.onGone((fingerprint) => say({ gone: fingerprint }));

readline.createInterface({ input: process.stdin }).on('line', (line) => void obey(JSON.parse(line) as Command));

async function obey(command: Command): Promise<void> {
  switch (command.do) {
    case 'advertise':
      return discovery.advertise(command.what);
    case 'browse':
      return discovery.browse(command.on);
    case 'report':
      return say({ report: { problem: discovery.problem, heapBytes: process.memoryUsage().heapUsed, cpuMs: process.cpuUsage().user / 1_000 } });
    case 'end':
      await discovery.dispose();
      // Nothing may keep the process: it ends by itself.
      process.stdin.destroy();
  }
}
