import makeMulticastDns from 'multicast-dns';
import { deferred, raceAbort } from '../../base/async.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { DoctorFacts } from '../core/diagnosis.js';
import { serviceDomain } from './announcement.js';
import { MulticastGroup } from './multicastGroup.js';
import { networkInterfaces } from './networkInterfaces.js';

const limitMs = 2_000;
/** Every DNS-SD responder answers this: printers, televisions, Macs (RFC 6763 section 9). */
const allServices = '_services._dns-sd._udp.local';

/** Asks the network by multicast and tells who is heard: this machine itself, others, or nobody. */
export async function testMulticast(o: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal }): Promise<DoctorFacts['multicast']> {
  const group = new MulticastGroup({ about: null, clock: o.clock, log: o.log });
  const mdns = makeMulticastDns({ socket: group.join(), bind: false, multicast: false });
  const done = deferred<void>();
  const timer = o.clock.setTimeout(() => done.resolve(), limitMs);
  const own = new Set(networkInterfaces().flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const interfaces = networkInterfaces().filter(({ tunnel }) => !tunnel).map(({ name }) => name);
  let heardSelf = false;
  let heardOthers = false;
  mdns.on('packet', (_packet: unknown, { address }: { readonly address: string }) => {
    if (own.has(address.split('%')[0] ?? address)) heardSelf = true;
    else heardOthers = true;
    if (heardSelf && heardOthers) done.resolve();
  });
  group.onChanged(() => {
    mdns.query([allServices, serviceDomain].map((name) => ({ name, type: 'PTR' })));
    if (group.problem !== null) done.resolve();
  });
  try {
    await raceAbort(done.promise, o.signal);
    return { problem: group.problem, heardSelf, heardOthers, interfaces };
  } finally {
    timer.dispose();
    mdns.destroy();
    await group.dispose();
  }
}
