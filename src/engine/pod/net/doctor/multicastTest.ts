import makeMulticastDns from 'multicast-dns';
import { deferred, raceAbort } from '../../../base/async.js';
import type { Clock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import type { DoctorFacts } from '../../core/doctor/diagnosis.js';
import { type Sighting, sightingLimits } from '../../core/discovery/sightingTable.js';
import { machinesIn, serviceDomain } from '../discovery/announcement.js';
import { MulticastGroup } from '../discovery/multicastGroup.js';
import { networkInterfaces } from '../discovery/networkInterfaces.js';

const limitMs = 2_000;
/** Every DNS-SD responder answers this: printers, televisions, Macs (RFC 6763 section 9). */
const allServices = '_services._dns-sd._udp.local';

export interface MulticastTest {
  readonly facts: DoctorFacts['multicast'];
  /** Machines that share, by fingerprint. */
  readonly machines: ReadonlyMap<string, Sighting>;
}

/**
 * Asks the network by multicast and tells who is heard: this machine itself, others, machines of the pod. Ends early when
 * all `expected` ones (fingerprints) are.
 */
export async function testMulticast(expected: readonly string[], o: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal }): Promise<MulticastTest> {
  const group = new MulticastGroup({ about: null, clock: o.clock, log: o.log });
  const mdns = makeMulticastDns({ socket: group.join(), bind: false, multicast: false });
  const done = deferred<void>();
  const timer = o.clock.setTimeout(() => done.resolve(), limitMs);
  const own = new Set(networkInterfaces().flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const interfaces = networkInterfaces().filter(({ tunnel }) => !tunnel).map(({ name }) => name);
  const machines = new Map<string, Sighting>();
  let heardSelf = false;
  let heardOthers = false;
  const isOwn = (source: string): boolean => own.has(source.split('%')[0] ?? source);
  mdns.on('packet', (_packet: unknown, { address }: { readonly address: string }) => {
    if (isOwn(address)) heardSelf = true;
    else heardOthers = true;
  });
  mdns.on('response', ({ answers, additionals }, { address }) => {
    for (const sighting of machinesIn([...(answers ?? []), ...(additionals ?? [])], address).sightings) {
      if (!isOwn(address) && machines.size < sightingLimits.machines) machines.set(sighting.fingerprint, sighting);
    }
    if (heardSelf && heardOthers && expected.every((fingerprint) => machines.has(fingerprint))) done.resolve();
  });
  group.onChanged(() => {
    mdns.query([allServices, serviceDomain].map((name) => ({ name, type: 'PTR' })));
    if (group.problem !== null) done.resolve();
  });
  try {
    await raceAbort(done.promise, o.signal);
    return { facts: { problem: group.problem, heardSelf, heardOthers, interfaces }, machines };
  } finally {
    timer.dispose();
    mdns.destroy();
    await group.dispose();
  }
}
