import { assertNever } from '../../../base/errors.js';
import { addressText } from '../../../protocol/parseAddress.js';
import type { Address, Build, DoctorCheck, DoctorFinding } from '../../../protocol/podTypes.js';
import { buildLabel } from '../buildLabel.js';

/** How a connection to an address went. */
export type Reach =
  /** A Seekpod answered. */
  | 'answers'
  /** Something accepted the connection and does not speak Seekpod's protocol. */
  | 'notSeekpod'
  | 'refused'
  | 'timedOut'
  /** The system knows no way, or a machine in between says so (`EHOSTUNREACH` and the like). */
  | 'unreachable'
  /** This machine's own rules forbid it (`EPERM`, `EACCES`). */
  | 'forbidden'
  | 'failed';

export interface Attempt {
  readonly address: Address;
  readonly reach: Reach;
  /** The system's error code, for what has no name of its own. */
  readonly error: string | null;
  /** The interface that connections to the address go out of; `null` when there is none. */
  readonly way: { readonly name: string; readonly tunnel: boolean } | null;
  /** Whether the address is of a network that an interface of this machine, other than a tunnel, is in. */
  readonly onLink: boolean;
  /** Whether the machine has answered on the link (ARP, neighbour discovery), which no firewall suppresses. */
  readonly neighbour: 'present' | 'absent' | 'unknown';
}

export interface MachineFacts {
  readonly name: string;
  /** Heard by multicast a moment ago. */
  readonly seen: boolean;
  readonly attempts: readonly Attempt[];
  /** What its hello said; `null` when there was none. */
  readonly build: Build | null;
  /** Seconds that its clock is ahead of this machine's. */
  readonly clockAhead: number | null;
}

/** Everything that the doctor looked at. */
export interface DoctorFacts {
  /** As Node names it: `darwin`, `linux`, `win32`. */
  readonly platform: string;
  /** `build` is `null` when the library for remote layers cannot be used, and `reason` says why. */
  readonly library: { readonly build: Build | null; readonly reason: string };
  readonly multicast: {
    readonly problem: string | null;
    /** Whether this machine hears what it sends to the group itself. */
    readonly heardSelf: boolean;
    readonly heardOthers: boolean;
    readonly interfaces: readonly string[];
  };
  /** The tunnel through which this machine reaches the internet. */
  readonly defaultTunnel: string | null;
  readonly ownPort: { readonly port: number; readonly state: 'listening' | 'free' | 'taken' } | null;
  readonly machines: readonly MachineFacts[];
}

/** Clocks that differ by less are called equal, in seconds. */
const clockTolerance = 60;

/** What the facts mean, the checks of this machine first. What to do about each is in `protocol/doctorText.ts`. */
export function diagnose(facts: DoctorFacts): DoctorFinding[] {
  const permission = permissionFinding(facts);
  const findings = [
    libraryFinding(facts),
    ...(permission === null ? [] : [permission]),
    ...multicastFindings(facts, permission),
    vpnFinding(facts),
    portFinding(facts),
    ...facts.machines.flatMap((machine) => [machineFinding(machine, permission), ...helloFindings(machine, facts.library.build)]),
  ];
  // What keeps every machine away, the permission, is said once.
  return [...new Set(findings)];
}

function finding(check: DoctorCheck, verdict: DoctorFinding['verdict'], detail: string, machine: string | null = null): DoctorFinding {
  return { check, verdict, machine, detail: detail.slice(0, 1_024) };
}

/** `good`: the build. `bad`: why the library cannot be used. */
function libraryFinding({ library }: DoctorFacts): DoctorFinding {
  return library.build === null ? finding('library', 'bad', library.reason) : finding('library', 'good', buildLabel(library.build));
}

/**
 * macOS refuses connections into the local network with "no route to host" until the user allows them to the
 * application that started the process. `bad`: so it is. `warning`: it may be so. `good`: a connection was made.
 */
function permissionFinding({ platform, multicast, machines }: DoctorFacts): DoctorFinding | null {
  if (platform !== 'darwin') return null;
  const local = machines.flatMap(({ attempts }) => attempts).filter(({ onLink, way }) => onLink && way?.tunnel !== true);
  if (local.some(({ reach }) => reach === 'answers' || reach === 'notSeekpod' || reach === 'refused')) return finding('localNetworkPermission', 'good', '');
  const denied = local.filter(({ reach, neighbour }) => reach === 'unreachable' && neighbour !== 'absent');
  const certain = denied.find(({ neighbour }) => neighbour === 'present') ?? null;
  if (certain !== null) return finding('localNetworkPermission', 'bad', addressText(certain.address));
  if (multicast.problem?.includes('EHOSTUNREACH') === true) return finding('localNetworkPermission', 'bad', multicast.problem);
  return denied[0] === undefined ? null : finding('localNetworkPermission', 'warning', addressText(denied[0].address));
}

/**
 * `bad`: multicast does not work here, and why. `unknown`: it works here, and nobody else was heard. `good`: the
 * interfaces. `warning`, for each machine that is reached and not heard: the address.
 */
function multicastFindings({ multicast, machines }: DoctorFacts, permission: DoctorFinding | null): DoctorFinding[] {
  const { problem, heardSelf, heardOthers, interfaces } = multicast;
  // Said once, as what it is.
  if (problem !== null && permission?.verdict === 'bad') return [];
  if (problem !== null) return [finding('multicast', 'bad', problem)];
  if (!heardSelf && !heardOthers) return [finding('multicast', 'bad', 'what is sent to UDP port 5353 does not arrive')];
  const silent = machines.flatMap(({ name, seen, attempts }) => {
    const answered = attempts.find(({ reach }) => reach === 'answers');
    return seen || answered === undefined ? [] : [finding('multicast', 'warning', addressText(answered.address), name)];
  });
  if (silent.length > 0) return silent;
  return [finding('multicast', heardOthers || machines.some(({ seen }) => seen) ? 'good' : 'unknown', interfaces.join(', '))];
}

/** `bad` is said of a machine. `warning`: all traffic goes into this tunnel, and something does not work. */
function vpnFinding({ defaultTunnel, multicast, machines }: DoctorFacts): DoctorFinding {
  const allReached = machines.length > 0 && machines.every(({ attempts }) => attempts.some(({ reach }) => reach === 'answers'));
  if (defaultTunnel === null || (allReached && multicast.problem === null)) return finding('vpn', 'good', '');
  return finding('vpn', 'warning', defaultTunnel);
}

/** About this machine's own port. `good`: it listens. `bad`: another program does. `unknown`: it does not share. */
function portFinding({ ownPort }: DoctorFacts): DoctorFinding {
  if (ownPort === null || ownPort.state === 'free') return finding('port', 'unknown', '');
  return finding('port', ownPort.state === 'listening' ? 'good' : 'bad', String(ownPort.port));
}

/** The one thing that keeps a machine from being reached, or that it is reached. */
function machineFinding({ name, seen, attempts }: MachineFacts, permission: DoctorFinding | null): DoctorFinding {
  if (attempts.length === 0) return finding('machine', 'unknown', '', name);
  const found = attempts.map((attempt) => attemptFinding(attempt, name, seen, permission));
  const most = found.toSorted((a, b) => weight(a) - weight(b))[0];
  return most ?? finding('machine', 'unknown', '', name);
}

function attemptFinding(attempt: Attempt, name: string, seen: boolean, permission: DoctorFinding | null): DoctorFinding {
  const label = addressText(attempt.address);
  const { reach, way } = attempt;
  if (reach === 'answers') return finding('machine', 'good', label, name);
  if (reach === 'notSeekpod') return finding('machine', 'warning', label, name);
  if (reach === 'refused') return finding('port', 'bad', label, name);
  if (way?.tunnel === true) return finding('vpn', 'bad', way.name, name);
  switch (reach) {
    case 'forbidden':
      return finding('firewall', 'warning', label, name);
    case 'unreachable':
      if (permission !== null && permission.verdict !== 'good') return permission;
      // Firewalls that refuse politely say "host prohibited", which comes out as unreachable.
      return isThere(attempt, seen) ? finding('firewall', 'bad', label, name) : finding('machine', 'bad', label, name);
    case 'timedOut':
      return isThere(attempt, seen) ? finding('firewall', 'bad', label, name) : finding('machine', 'bad', label, name);
    case 'failed':
      return finding('machine', 'bad', attempt.error === null ? label : `${label}, ${attempt.error}`, name);
    default:
      return assertNever(reach);
  }
}

/** Whether the machine is on and near, though no connection is made. */
function isThere({ neighbour }: Attempt, seen: boolean): boolean {
  return neighbour === 'present' || (neighbour === 'unknown' && seen);
}

/** Of several addresses the one counts that tells most: one that works, then one with a remedy. */
function weight({ check, verdict }: DoctorFinding): number {
  if (check === 'machine') return verdict === 'good' ? 0 : verdict === 'warning' ? 5 : 6;
  return { vpn: 1, localNetworkPermission: 2, firewall: 3, port: 4, library: 7, multicast: 7, build: 7, clock: 7 }[check];
}

/** `build`: `good` with the common one, or `bad` with both. `clock`: `good`, or `warning` with the seconds. */
function helloFindings({ name, build, clockAhead }: MachineFacts, ours: Build | null): DoctorFinding[] {
  const found: DoctorFinding[] = [];
  if (build !== null && ours !== null) {
    const equal = build.llama === ours.llama && build.rpcProtocol === ours.rpcProtocol;
    found.push(equal ? finding('build', 'good', buildLabel(ours), name) : finding('build', 'bad', `${buildLabel(build)} ≠ ${buildLabel(ours)}`, name));
  }
  if (clockAhead !== null) found.push(finding('clock', Math.abs(clockAhead) > clockTolerance ? 'warning' : 'good', String(Math.round(Math.abs(clockAhead))), name));
  return found;
}
