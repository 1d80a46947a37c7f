import { assertNever, type Failure } from '../../../base/errors.js';
import type { LeftOutReason } from '../../../protocol/podTypes.js';
import { whyNotLent } from './machineProblem.js';
import { place, type Placement } from '../placement/placement.js';
import type { PodEvent } from './podEvent.js';
import type { MachineState, PodState, Wish } from './podState.js';
import type { PlacementMachine } from '../placement/rangeCost.js';

/** A machine without a part, and who uses it instead. */
export interface LeftOut {
  readonly machine: MachineState;
  readonly reason: LeftOutReason;
  readonly holder: string | null;
}

/** What can be done with a model now, and whom it is done without. */
export interface Decision {
  readonly placement: Placement;
  readonly leftOut: readonly LeftOut[];
  /** What to say where there is no plan at all. */
  readonly obstacle: Failure;
}

/** The answer to the step `plan`. Remote machines are used even where staying here would be faster: the user has asked for the pod. */
export function decidePlan(state: PodState): PodEvent {
  if (state.wish === null) return { kind: 'tick' };
  const { placement, obstacle } = decide(state, state.wish);
  const plan = placement.pod ?? placement.local.plan;
  if (plan !== null) return { kind: 'planned', plan };
  return { kind: 'unplaceable', failure: state.lost === null ? obstacle : { code: 'podLost', machine: state.lost.name, reason: state.lost.reason } };
}

export function decide(state: PodState, wish: Pick<Wish, 'path' | 'cost' | 'context'>): Decision {
  const candidates: PlacementMachine[] = [...(state.self?.machines ?? [])];
  const leftOut: LeftOut[] = [];
  const machines = [...state.machines.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  for (const machine of machines) {
    const candidate = candidateOf(state, machine);
    if ('reason' in candidate) leftOut.push(candidate);
    else candidates.push(candidate);
  }
  const placement = place(candidates, wish.cost, wish.context);
  for (const { id, reason } of placement.leftOut) {
    const machine = state.machines.get(id);
    if (machine !== undefined) leftOut.push({ machine, reason, holder: null });
  }
  const tooLarge: Failure = { code: 'noPlacement', path: wish.path, requiredBytes: placement.requiredBytes, availableBytes: placement.availableBytes };
  return { placement, leftOut, obstacle: state.problem ?? refusalOf(state, machines) ?? tooLarge };
}

function candidateOf(state: PodState, machine: MachineState): PlacementMachine | LeftOut {
  const without = (reason: LeftOutReason, holder: string | null = null): LeftOut => ({ machine, reason, holder });
  if (!machine.paired) return without('notPaired');
  const refused = whyNotLent(state, machine);
  if (refused !== null) return without(reasonFor(refused), refused.code === 'leaseHeld' ? refused.holder : null);
  const { facts, link } = machine;
  if (!machine.connected || machine.doing === 'disconnect' || facts === null || link === null || facts.offer.kind !== 'offered') return without('notConnected');
  const { offer } = facts;
  const device = facts.devices.find((candidate) => candidate.name === offer.device);
  if (device === undefined) return without('noDevice');
  return { id: machine.fingerprint, usableBytes: offer.bytes, device: device.kind, bandwidth: device.bandwidth, layerOverhead: device.layerOverhead, link };
}

function reasonFor(failure: Failure): LeftOutReason {
  if (failure.code === 'leaseHeld') return 'held';
  if (failure.code === 'differentBuild') return 'differentBuild';
  if (failure.code !== 'leaseRefused') return 'notConnected';
  switch (failure.reason) {
    case 'notSharing':
    case 'notAllowed':
    case 'noMemory':
    case 'noDevice':
      return failure.reason;
    case 'noLibrary':
      return 'noDevice';
    default:
      return assertNever(failure);
  }
}

/** Where the model fits nowhere, a machine that does not lend is more worth knowing than numbers: somebody can be asked. */
function refusalOf(state: PodState, machines: readonly MachineState[]): Failure | null {
  for (const machine of machines) {
    const refused = machine.paired ? whyNotLent(state, machine) : null;
    if (refused !== null) return refused;
  }
  return null;
}
