import { delay } from '../base/async.js';
import type { Clock } from '../base/clock.js';
import type { Failure } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Build, DoctorFinding, Sharing } from '../protocol/podTypes.js';
import { diagnose } from './core/diagnosis.js';
import type { MachineState, PodState } from './core/podState.js';
import { gatherDoctorFacts } from './net/doctorFacts.js';

/** How long paired machines get to connect, so that their builds can be compared, in milliseconds. */
const connectMs = 2_000;
const lookMs = 100;

export interface ExamineOptions {
  state(): PodState;
  /** `null` with the reason when the library for remote layers cannot be used. */
  readonly build: Build | null;
  readonly problem: Failure | null;
  readonly sharing: Sharing;
  /** Seconds that a machine's clock is ahead of this one's, as of its last greeting. */
  clockAhead(fingerprint: string): number | null;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks for what keeps machines from finding or using each other. Somebody must watch the pod meanwhile. @throws EngineError `cancelled` */
export async function examine(options: ExamineOptions, signal: AbortSignal): Promise<DoctorFinding[]> {
  const { state, build, problem, sharing, clockAhead, clock, log } = options;
  const joining = ({ paired, connected, problem }: MachineState): boolean => paired && !connected && problem === null;
  for (let waited = 0; waited < connectMs && [...state().machines.values()].some(joining); waited += lookMs) await delay(lookMs, signal, clock);
  const facts = await gatherDoctorFacts({
    library: { build, reason: problem !== null && 'reason' in problem ? problem.reason : (problem?.code ?? '') },
    port: portOf(sharing),
    machines: [...state().machines.values()].map(({ fingerprint, name, addresses, facts }) => ({
      fingerprint,
      name,
      addresses,
      build: facts?.build ?? null,
      clockAhead: clockAhead(fingerprint),
    })),
    clock,
    log,
    signal,
  });
  return diagnose(facts);
}

function portOf(sharing: Sharing): { readonly port: number; readonly listening: boolean } | null {
  if (sharing.state === 'on') return { port: sharing.port, listening: true };
  if (sharing.state === 'failed' && sharing.failure.code === 'podPortTaken') return { port: sharing.failure.port, listening: false };
  return null;
}
