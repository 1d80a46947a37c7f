import net from 'node:net';
import { once } from 'node:events';
import type { Clock } from '../../../base/clock.js';
import type { Logger } from '../../../base/logger.js';
import type { Address } from '../../../protocol/podTypes.js';
import type { DoctorFacts, MachineFacts } from '../../core/doctor/diagnosis.js';
import { type MulticastTest, testMulticast } from './multicastTest.js';
import { reachAddress, wayTo } from './reachAddress.js';

/** A machine as the daemon knows it. */
export interface Patient extends Omit<MachineFacts, 'attempts' | 'seen'> {
  /** `null` when only its address is known. */
  readonly fingerprint: string | null;
  readonly addresses: readonly Address[];
}

export interface DoctorQuestions {
  readonly library: DoctorFacts['library'];
  /** The port that this machine shares or is to share at, `listening` if it does; `null` without a fixed one. */
  readonly port: { readonly port: number; readonly listening: boolean } | null;
  readonly machines: readonly Patient[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Any address of the internet: only its route is looked up. This one is for documentation (RFC 5737). */
const elsewhere = '198.51.100.1';
const maxAddresses = 8;
const maxMachines = 64;

/** Looks at the network for some seconds; machines that are heard and not among those known are looked at too. Only fails with `cancelled`. */
export async function gatherDoctorFacts(o: DoctorQuestions): Promise<DoctorFacts> {
  const known = o.machines.flatMap(({ fingerprint }) => fingerprint ?? []);
  const [multicast, way, ownPort] = await Promise.all([testMulticast(known, o), wayTo(elsewhere), o.port === null ? null : portState(o.port)]);
  const strangers = [...multicast.machines.values()].filter(({ fingerprint }) => !known.includes(fingerprint)).map((sighting): Patient => ({ ...sighting, build: null, clockAhead: null }));
  const machines = await Promise.all([...o.machines, ...strangers].slice(0, maxMachines).map((patient) => machineFacts(patient, multicast.machines, o)));
  return { platform: process.platform, library: o.library, multicast: multicast.facts, defaultTunnel: way?.tunnel === true ? way.name : null, ownPort, machines };
}

async function machineFacts({ fingerprint, name, addresses, build, clockAhead }: Patient, heard: MulticastTest['machines'], o: DoctorQuestions): Promise<MachineFacts> {
  const sighting = fingerprint === null ? undefined : heard.get(fingerprint);
  const all = new Map([...(sighting?.addresses ?? []), ...addresses].map((address) => [`${address.host} ${address.port}`, address]));
  const attempts = await Promise.all([...all.values()].slice(0, maxAddresses).map((address) => reachAddress(address, o)));
  return { name, seen: sighting !== undefined, attempts, build, clockAhead };
}

async function portState({ port, listening }: { readonly port: number; readonly listening: boolean }): Promise<DoctorFacts['ownPort']> {
  if (listening) return { port, state: 'listening' };
  const server = net.createServer();
  try {
    server.listen(port);
    await once(server, 'listening');
    return { port, state: 'free' };
  } catch {
    return { port, state: 'taken' };
  } finally {
    server.close();
  }
}
