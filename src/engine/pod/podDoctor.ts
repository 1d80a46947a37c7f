import type { Clock } from '../base/clock.js';
import type { Failure } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Build, DoctorFinding, Sharing } from '../protocol/podTypes.js';
import { diagnose } from './core/doctor/diagnosis.js';
import type { MachineState } from './core/state/podState.js';
import { type DoctorQuestions, gatherDoctorFacts, type Patient } from './net/doctor/doctorFacts.js';

type KnownMachine = Pick<MachineState, 'fingerprint' | 'name' | 'addresses' | 'facts' | 'leased'>;

export interface PodDoctorOptions {
  /** This machine's build; `null` when the libraries for remote layers cannot be used, and `problem` says why. */
  readonly build: Build | null;
  readonly problem: Failure | null;
  readonly sharing: Sharing;
  readonly machines: Iterable<KnownMachine>;
  /** Milliseconds since 1970 on this machine's clock. */
  readonly time: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Looks for what keeps machines from finding or using each other; takes up to about ten seconds. Only fails with `cancelled`. */
export async function examinePod({ build, problem, sharing, machines, time, clock, log, signal }: PodDoctorOptions): Promise<DoctorFinding[]> {
  const facts = await gatherDoctorFacts({
    library: { build, reason: reasonOf(problem) },
    port: portOf(sharing),
    machines: Array.from(machines, (machine) => patientOf(machine, time)),
    clock,
    log,
    signal,
  });
  return diagnose(facts);
}

/** A machine as the doctor looks at it. `time` is milliseconds since 1970 on this machine's clock. */
export function patientOf({ fingerprint, name, addresses, facts, leased }: KnownMachine, time: number): Patient {
  return {
    fingerprint,
    name,
    addresses,
    build: facts?.build ?? null,
    // Facts are some seconds old, which does not matter beside what counts as a difference; those of a machine in use may be hours old.
    clockAhead: facts === null || leased ? null : (facts.clock - time) / 1_000,
  };
}

function reasonOf(problem: Failure | null): string {
  if (problem === null) return 'not known yet';
  return 'reason' in problem && typeof problem.reason === 'string' ? problem.reason : problem.code;
}

function portOf(sharing: Sharing): DoctorQuestions['port'] {
  if (sharing.state === 'on') return { port: sharing.port, listening: true };
  return sharing.state === 'failed' && sharing.failure.code === 'podPortTaken' ? { port: sharing.failure.port, listening: false } : null;
}
