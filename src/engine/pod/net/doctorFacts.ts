import net from 'node:net';
import { once } from 'node:events';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Address } from '../../protocol/podTypes.js';
import type { DoctorFacts, MachineFacts } from '../core/diagnosis.js';
import { testMulticast } from './multicastTest.js';
import { reachAddress, wayTo } from './reachAddress.js';

/** A machine as the daemon knows it. */
export interface Patient extends Omit<MachineFacts, 'attempts'> {
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

/** Looks at the network for some seconds. Only fails with `cancelled`. */
export async function gatherDoctorFacts(o: DoctorQuestions): Promise<DoctorFacts> {
  const [multicast, way, ownPort, ...machines] = await Promise.all([
    testMulticast(o),
    wayTo(elsewhere),
    o.port === null ? null : portState(o.port),
    ...o.machines.map((patient) => machineFacts(patient, o)),
  ]);
  return { platform: process.platform, library: o.library, multicast, defaultTunnel: way?.tunnel === true ? way.name : null, ownPort, machines };
}

async function machineFacts({ addresses, ...known }: Patient, o: DoctorQuestions): Promise<MachineFacts> {
  return { ...known, attempts: await Promise.all(addresses.slice(0, maxAddresses).map((address) => reachAddress(address, o))) };
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
