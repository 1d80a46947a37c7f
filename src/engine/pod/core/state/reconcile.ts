import type { Failure } from '../../../base/errors.js';
import { whyNotLent } from './machineProblem.js';
import { type MachineAction, type MachineState, podWanted, type PodState, takesPart } from './podState.js';
import { remoteParts } from '../placement/split.js';

/** What to do next. Exactly one thing; most are begun and go on while the next one is looked for. */
export type Step =
  | { readonly kind: MachineAction; readonly machine: string }
  /** Measure the devices of this machine. */
  | { readonly kind: 'probe' }
  /** Look for a plan with `decidePlan`. */
  | { readonly kind: 'plan' }
  /** All that the plan needs is there: the waiting worker may start. */
  | { readonly kind: 'load' }
  /** Let the worker finish its answer, and give it no new one. */
  | { readonly kind: 'drain' }
  /** End the worker now. */
  | { readonly kind: 'stopWorker' }
  /** Tell the waiting worker that it cannot start. */
  | { readonly kind: 'fallBack'; readonly failure: Failure }
  /** Nothing, until an event comes, or this time (milliseconds) has come. */
  | { readonly kind: 'wait'; readonly until: number | null };

/**
 * The one step that brings the pod nearer to what is wanted. The caller begins it (`apply` with `begun`), asks again until the
 * answer is `wait`, and applies what comes of each.
 *
 * In this order: a worker whose plan is over ends, after its answer unless a machine was lost; then tunnels close and leases are
 * released; then what a waiting worker needs is got, one after the other; then connections are kept for whoever watches.
 */
export function nextStep(state: PodState): Step {
  return endWorker(state) ?? tearDown(state) ?? hangUp(state) ?? serveWorker(state) ?? keepInTouch(state) ?? { kind: 'wait', until: nextTime(state) };
}

function endWorker({ worker, generating, current }: PodState): Step | null {
  if (current === null || current.over === null || worker === 'stopping') return null;
  if (current.over === 'lost' || worker === 'loading' || !generating) return { kind: 'stopWorker' };
  return worker === 'draining' ? null : { kind: 'drain' };
}

/** Nobody keeps a lease or a tunnel who has no part in a plan. */
function tearDown(state: PodState): Step | null {
  const spare = (machine: MachineState): boolean => !takesPart(state, machine.fingerprint);
  return forOne(state, (machine) => machine.tunneled && spare(machine), 'closeTunnel') ?? forOne(state, (machine) => machine.leased && spare(machine), 'release');
}

function hangUp(state: PodState): Step | null {
  return forOne(state, (machine) => machine.connected && !machine.leased && !machine.tunneled && (!machine.paired || !podWanted(state)), 'disconnect');
}

function serveWorker(state: PodState): Step | null {
  const { worker, current, wish, lost } = state;
  if (worker !== 'waiting' || wish === null) return null;
  const failure = state.problem ?? state.unplaceable;
  if (failure !== null) return mayComeBack(state) ? keepInTouch(state) : { kind: 'fallBack', failure };
  if (current !== null) return prepare(state);
  if ([...state.machines.values()].some(holdsOn)) return null;
  if (state.self === null) return keepInTouch(state);
  // After a loss those who are there go on at once; at first everybody gets the chance to be there.
  const settled = lost !== null || (keepInTouch(state) === null && ![...state.machines.values()].some(isOnItsWay));
  return settled ? { kind: 'plan' } : keepInTouch(state);
}

/** Whether a machine that was lost may still be there again soon: nothing is known of it but that it was not heard. */
function mayComeBack(state: PodState): boolean {
  const { lost, machines, now } = state;
  if (lost === null || state.problem !== null || now >= lost.backBy) return false;
  return lost.holders.some((fingerprint) => {
    const machine = machines.get(fingerprint);
    if (machine === undefined || !machine.paired) return false;
    // Whether the tunnel alone broke is known soon.
    return whyNotLent(state, machine) === null ? machine.link === null : machine.refusal?.broken === true;
  });
}

/** The current plan's leases, then tunnels, then the worker. */
function prepare(state: PodState): Step | null {
  if (state.current === null) return null;
  const machines = remoteParts(state.current.plan).map((part) => state.machines.get(part.id));
  for (const machine of machines) {
    if (machine === undefined || machine.doing !== null) continue;
    if (!machine.leased) return { kind: 'lease', machine: machine.fingerprint };
    if (!machine.tunneled) return { kind: 'openTunnel', machine: machine.fingerprint };
  }
  return machines.every((machine) => machine?.leased === true && machine.tunneled) ? { kind: 'load' } : null;
}

/** Probes this machine; connects to paired machines, greets them, and measures the links to those that would lend. */
function keepInTouch(state: PodState): Step | null {
  if (!podWanted(state)) return null;
  if (state.self === null && state.problem === null && !state.probing) return { kind: 'probe' };
  for (const machine of state.machines.values()) {
    const action = nextContact(state, machine);
    if (action !== null && machine.doing === null && timeOf(machine, action) <= state.now) return { kind: action, machine: machine.fingerprint };
  }
  return null;
}

function nextContact(state: PodState, machine: MachineState): 'connect' | 'greet' | 'measure' | null {
  if (!machine.paired || machine.leased || machine.tunneled) return null;
  if (!machine.connected) return machine.addresses.length > 0 ? 'connect' : null;
  if (machine.facts === null) return 'greet';
  if (machine.tryAnewAt !== null && machine.tryAnewAt <= state.now) return 'connect';
  return machine.link === null && whyNotLent(state, machine) === null ? 'measure' : 'greet';
}

/** When an action is due: what failed waits, and facts that are there are asked for again from time to time. */
function timeOf(machine: MachineState, action: 'connect' | 'greet' | 'measure'): number {
  return action === 'greet' && machine.facts !== null ? Math.max(machine.factsDue, machine.retryAt) : machine.retryAt;
}

/** What there was for an earlier plan is not over yet. What is under way without a connection can only fail, and nobody waits for it. */
const holdsOn = ({ leased, tunneled, connected, doing }: MachineState): boolean => leased || tunneled || (connected && (doing === 'lease' || doing === 'openTunnel' || doing === 'release'));
/** It will be there soon, also when it is about to leave: then it comes back. */
const isOnItsWay = ({ paired, doing }: MachineState): boolean => paired && (doing === 'connect' || doing === 'greet' || doing === 'measure' || doing === 'disconnect');

function nextTime(state: PodState): number | null {
  if (!podWanted(state)) return null;
  const times = [...state.machines.values()].flatMap((machine) => {
    const action = machine.doing === null ? nextContact(state, machine) : null;
    return action === null ? [] : [timeOf(machine, action)];
  });
  if (state.worker === 'none' && state.lost !== null && state.now < state.lost.until) times.push(state.lost.until);
  if (state.unplaceable !== null && state.lost !== null && state.now < state.lost.backBy) times.push(state.lost.backBy);
  return times.length === 0 ? null : Math.min(...times);
}

function forOne(state: PodState, applies: (machine: MachineState) => boolean, kind: MachineAction): Step | null {
  for (const machine of state.machines.values()) if (machine.doing === null && applies(machine)) return { kind, machine: machine.fingerprint };
  return null;
}

