import { assertNever } from '../../../base/errors.js';
import type { Machine, MachinePresence, PodRun, StartStep, Traffic } from '../../../protocol/podTypes.js';
import { machineProblem } from './machineProblem.js';
import { planParts, rateOf } from './planPreview.js';
import { isRecovering, type MachineState, type PodState } from './podState.js';

/** The machines as the Pod view shows them, by name. `traffic` is by fingerprint. */
export function machineViews(state: PodState, traffic: ReadonlyMap<string, Traffic>, ownName: string): Machine[] {
  const parts = new Map(state.current === null ? [] : planParts(state, state.current.plan, ownName).map((part) => [part.machine, part]));
  return [...state.machines.values()]
    .map((machine) => {
      const { fingerprint, name, paired, addresses, facts, link } = machine;
      const offer = facts?.offer ?? null;
      return {
        fingerprint,
        name,
        paired,
        presence: presenceOf(machine),
        addresses: [...addresses],
        devices: facts?.devices ?? [],
        lendableBytes: offer?.kind === 'offered' ? offer.bytes : null,
        holder: offer?.kind === 'held' ? offer.holder : null,
        link,
        problem: machineProblem(state, machine),
        part: parts.get(fingerprint) ?? null,
        traffic: traffic.get(fingerprint) ?? null,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.fingerprint < b.fingerprint ? -1 : 1));
}

function presenceOf(machine: MachineState): MachinePresence {
  if (machine.connected && machine.facts !== null) return 'connected';
  if (machine.connected || machine.doing === 'connect') return 'connecting';
  return machine.seen ? 'seen' : 'away';
}

/** What the state does not know about a run: progress of a load from 0 to 1, tokens per second of the last answer. */
interface LiveFigures {
  readonly progress: number;
  readonly measured: number | null;
}

/** The model on the pod as the Pod view shows it. */
export function runView(state: PodState, { progress, measured }: LiveFigures, ownName: string): PodRun {
  const { wish, worker, current, lost, fallback } = state;
  if (wish === null) return { state: 'off' };
  const { path } = wish;
  if (fallback !== null) return { state: 'fallback', path, failure: fallback };
  if (lost !== null && isRecovering(state)) return { state: 'recovering', path, lost: lost.name };
  const parts = current === null ? [] : planParts(state, current.plan, ownName);
  const starting = (step: StartStep, progress: number): PodRun => ({ state: 'starting', path, step, progress, parts });
  switch (worker) {
    case 'none':
      return { state: 'idle', path };
    case 'waiting':
      return starting(current === null ? 'connecting' : 'leasing', 0);
    case 'loading':
      return starting('loading', progress);
    case 'running':
    case 'draining':
      return { state: 'running', path, parts, predicted: current === null ? 0 : rateOf(current.plan), measured };
    case 'stopping':
      return starting('ending', 0);
    default:
      return assertNever(worker);
  }
}
