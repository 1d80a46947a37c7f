import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../base/clock.js';
import type { DisposableStore } from '../base/disposable.js';
import type { Logger } from '../base/logger.js';
import { ensurePrivateDirectory } from '../base/privateDirectory.js';
import { type PeerFacts, peerProtocolVersion } from '../protocol/peerMessages.js';
import type { Link } from '../protocol/podTypes.js';
import { addressFirst, sameAddress } from './core/state/addresses.js';
import type { MachineEvent } from './core/state/podEvent.js';
import type { Discovery } from './net/discovery/discovery.js';
import { FileLender, type SharedFiles } from './net/files/fileLender.js';
import { type Identity, loadIdentity } from './net/identity/identity.js';
import type { LayerServers } from './net/lending/layerServerProcess.js';
import { Lender } from './net/lending/lender.js';
import { type PairedMachine, TrustStore } from './net/identity/trustStore.js';
import type { OwnMachine } from './ownMachine.js';
import { OwnName } from './ownName.js';
import { Pairings } from './pairings.js';
import { PodMachines } from './podMachines.js';
import { Sharing } from './sharing.js';

export interface OpenPodOptions {
  /** Holds the identity, the paired machines and the lent weights. */
  readonly directory: string;
  readonly version: string;
  readonly servers: LayerServers;
  readonly own: OwnMachine;
  readonly discovery: Discovery;
  readonly clock: Clock;
  readonly log: Logger;
  /** Main memory that programs can take now, in bytes. */
  freeMemory(): number;
  /** What paired machines may have while this one shares. */
  readonly sharedFiles: SharedFiles;
  happened(event: MachineEvent): void;
}

/** What is there of the pod once somebody needs it. */
export interface OpenedPod {
  readonly identity: Identity;
  readonly trust: TrustStore;
  readonly name: OwnName;
  readonly pairings: Pairings;
  readonly lender: Lender;
  readonly sharing: Sharing;
  readonly machines: PodMachines;
}

const mostAddresses = 16;

/** Reads who this machine is and whom it trusts, and puts the parts together; what they hold is added to the store. @throws EngineError */
export async function openPod(options: OpenPodOptions, store: DisposableStore): Promise<OpenedPod> {
  const { directory, version, servers, own, discovery, clock, log, freeMemory, sharedFiles, happened } = options;
  await ensurePrivateDirectory(directory);
  const [identity, trust, ownName] = await Promise.all([loadIdentity(directory), openTrust(directory), OwnName.open(directory)]);
  const name = (): string => ownName.value;
  const paired = (fingerprint: string): PairedMachine | undefined => trust.list().find((machine) => machine.fingerprint === fingerprint);
  const facts = (): Omit<PeerFacts, 'offer'> => ({
    protocolVersion: peerProtocolVersion,
    seekpodVersion: version,
    name: name(),
    os: `${os.type()} ${os.release()}`.slice(0, 256),
    build: own.build,
    clock: Date.now(),
    devices: [...own.devices],
  });
  const pairings = store.add(new Pairings({ identity, trust, clock, log: log.child('pairing'), name }));
  const nameOf = (fingerprint: string): string => paired(fingerprint)?.name ?? fingerprint.slice(0, 8);
  const lender = store.add(new Lender({ servers, cacheDirectory: path.join(directory, 'cache'), clock, log: log.child('lender'), facts, refresh: (signal) => own.refresh(signal), freeMemory, nameOf }));
  const files = store.add(new FileLender({ files: sharedFiles, allows: (fingerprint) => lender.allows(fingerprint), clock, log: log.child('files') }));
  const isTrusted = (fingerprint: string): boolean => trust.has(fingerprint);
  const sharing = store.add(new Sharing({ identity, lender, files, door: pairings.door, discovery, clock, log: log.child('listener'), isTrusted, name }));
  const machines = store.add(
    new PodMachines({
      identity,
      clock,
      log: log.child('machines'),
      // A coordinator offers nothing to those whom it asks.
      facts: () => ({ ...facts(), offer: { kind: 'refused', reason: 'notSharing' } }),
      knownAddresses: (fingerprint) => paired(fingerprint)?.addresses ?? [],
      onReached: (fingerprint, link) => {
        remember(trust, paired(fingerprint), link).catch((error: unknown) => log.warn(`where ${nameOf(fingerprint)} is could not be kept: ${String(error)}`));
      },
      happened,
    }),
  );
  return { identity, trust, name: ownName, pairings, lender, sharing, machines };
}

/** The paired machines in the pod's directory. @throws EngineError `fileUnreadable`, `storageFailed` */
export function openTrust(directory: string): Promise<TrustStore> {
  return TrustStore.open(path.join(directory, 'machines.json'));
}

/** The address that served best is tried the next time too, also when nobody advertises it. */
async function remember(trust: TrustStore, machine: PairedMachine | undefined, { address }: Link): Promise<void> {
  const [first] = machine?.addresses ?? [];
  if (machine === undefined || (first !== undefined && sameAddress(first, address))) return;
  await trust.put({ ...machine, addresses: addressFirst(address, machine.addresses).slice(0, mostAddresses) });
}
