import { assertNever, type Failure } from '../../../base/errors.js';
import type { Address } from '../../../protocol/podTypes.js';
import type { MachineEvent, PodEvent, TimedEvent } from './podEvent.js';
import { type CurrentPlan, type Loss, type MachineState, type PodState, takesPart, workerLives } from './podState.js';
import type { Step } from './reconcile.js';
import { remoteParts } from '../placement/split.js';

/** Facts of a machine that nothing is lent from are asked for again after this, in milliseconds. */
const factsLast = 5_000;
/** A machine that refused or stopped to lend is left out of plans for so long, in milliseconds. */
const refusalLasts = 10_000;
/** How long a worker may take to ask for another plan after a loss, in milliseconds. */
const recoveryLasts = 15_000;
/** Where the rest cannot hold the model: how long the machines that were lost may take to be there again, in milliseconds. */
const returnLasts = 5_000;
/** A machine that is connected is tried anew so long after it was seen somewhere else: anybody can announce addresses. */
const newWayAfter = 10_000;
const firstRetry = 1_000;
const lastRetry = 30_000;

/** The state after an event. Never fails: an event that does not fit any more changes nothing. */
export function apply(state: PodState, event: TimedEvent): PodState {
  const now = Math.max(state.now, event.at);
  return settle(changed({ ...state, now }, event));
}

function changed(state: PodState, event: PodEvent): PodState {
  switch (event.kind) {
    case 'tick':
      return state;
    case 'begun':
      return begun(state, event.step);
    case 'watched':
      // Whoever looks may have put right what was wrong here.
      return { ...state, watching: event.on, problem: event.on ? null : state.problem };
    case 'probed':
      return { ...state, self: { build: event.build, machines: event.machines }, probing: false, problem: null };
    case 'probeFailed':
      return { ...state, probing: false, problem: event.failure };
    case 'wished':
      return endPlan({ ...state, wish: event.wish, unplaceable: null, fallback: null, lost: null }, 'changed');
    case 'planned':
      return state.worker !== 'waiting' || state.wish === null ? state : { ...state, current: { path: state.wish.path, plan: event.plan, over: null } };
    case 'unplaceable':
      return state.worker === 'waiting' ? { ...state, unplaceable: event.failure } : state;
    case 'workerWaiting':
      return { ...state, worker: 'waiting', generating: false, unplaceable: null, fallback: null, current: null, lost: state.lost !== null && state.lost.until > state.now ? state.lost : null };
    case 'workerLoaded':
      return state.worker === 'loading' ? { ...state, worker: 'running', lost: null } : state;
    case 'workerEnded':
      return { ...state, worker: 'none', generating: false, unplaceable: null, current: null };
    case 'generating':
      return { ...state, generating: event.on && workerLives(state) };
    default:
      return withMachine(state, event);
  }
}

function begun(state: PodState, step: Step): PodState {
  switch (step.kind) {
    case 'probe':
      return { ...state, probing: true };
    case 'load':
      return { ...state, worker: 'loading' };
    case 'drain':
      return { ...state, worker: 'draining' };
    case 'stopWorker':
      return { ...state, worker: 'stopping' };
    case 'fallBack':
      return { ...state, worker: 'none', current: null, unplaceable: null, lost: null, fallback: step.failure };
    case 'plan':
    case 'wait':
      return state;
    default:
      return update(state, step.machine, (machine) => ({ ...machine, doing: step.kind }));
  }
}

function withMachine(state: PodState, event: MachineEvent): PodState {
  const known = state.machines.get(event.machine);
  if (known === undefined && event.kind !== 'seen' && event.kind !== 'paired') return state;
  // Whoever can be counted on again is a reason to look for a plan again.
  const unplaceable = event.kind === 'measured' ? null : state.unplaceable;
  const next = update({ ...state, unplaceable }, event.machine, (machine) => machineAfter(machine, event, state.now));
  const failure = lossIn(event);
  if (known === undefined || failure === null || !takesPart(state, event.machine)) return next;
  // Before there is a worker nothing is lost: the machine is left out of the next plan.
  const lost = workerLives(state) ? lossOf(state, known.name, failure) : state.lost;
  return endPlan({ ...next, lost }, 'lost');
}

function lossOf({ current, now }: PodState, name: string, failure: Failure): Loss {
  const holders = current === null ? [] : remoteParts(current.plan).map(({ id }) => id);
  return { name, reason: reasonOf(failure), until: now + recoveryLasts, holders, backBy: now + returnLasts };
}

/** Why a plan cannot count on the machine any more after an event; `null` where it can. */
function lossIn(event: MachineEvent): Failure | null {
  switch (event.kind) {
    case 'lost':
    case 'revoked':
    case 'tunnelBroke':
      return event.failure;
    case 'failed':
      return event.action === 'lease' || event.action === 'openTunnel' ? event.failure : null;
    case 'unpaired':
      return { code: 'notPaired', machine: event.machine };
    default:
      return null;
  }
}

/** The current plan does not hold any more. With a worker it stays until that has ended. */
function endPlan(state: PodState, over: NonNullable<CurrentPlan['over']>): PodState {
  if (state.current === null) return state;
  if (!workerLives(state)) return { ...state, current: null };
  return state.current.over === 'lost' ? state : { ...state, current: { ...state.current, over } };
}

function machineAfter(machine: MachineState, event: MachineEvent, now: number): MachineState {
  switch (event.kind) {
    case 'seen':
      // Somewhere new it may be reached at once. Anybody can announce a name; a paired machine has one that its key vouched for.
      return { ...machine, name: machine.paired ? machine.name : event.name, seen: true, addresses: event.addresses, retryAt: machine.seen ? machine.retryAt : now, tryAnewAt: whenToTryAnew(machine, event.addresses, now) };
    case 'gone':
      return { ...machine, seen: false };
    case 'paired':
      return { ...machine, name: event.name, paired: true, addresses: machine.seen ? machine.addresses : event.addresses, retryAt: now, problem: null };
    case 'unpaired':
      return { ...machine, paired: false, problem: null, refusal: null };
    case 'connected':
      return { ...machine, doing: null, connected: true, facts: null, link: null, tryAnewAt: null };
    case 'greeted':
      return { ...tried(machine), name: event.facts.name, facts: machine.connected ? event.facts : null, factsDue: now + factsLast };
    case 'measured':
      return { ...tried(machine), link: machine.connected ? event.link : null };
    case 'leased':
      return { ...tried(machine), leased: machine.connected };
    case 'tunnelOpened':
      return { ...tried(machine), tunneled: true };
    case 'tunnelClosed':
      return { ...machine, doing: null, tunneled: false };
    case 'released':
      return { ...machine, doing: null, leased: false, factsDue: now };
    case 'disconnected':
      return { ...machine, ...unconnected, doing: null, leased: false };
    case 'failed':
      if (event.action === 'lease' || event.action === 'openTunnel') return refused({ ...machine, doing: null }, event.failure, now);
      return failed({ ...machine, ...(event.action === 'connect' ? unconnected : {}), doing: null }, event.failure, now);
    case 'lost':
      // The tunnel broke with the connection: there is nothing against the machine when it is heard again.
      return failed({ ...machine, ...unconnected, leased: false, refusal: machine.refusal?.broken === true ? null : machine.refusal }, event.failure, now);
    case 'revoked':
      return refused(machine, event.failure, now);
    case 'tunnelBroke':
      return machine.refusal !== null && machine.refusal.until > now ? machine : refused(machine, event.failure, now, true);
    default:
      return assertNever(event);
  }
}

const unconnected = { connected: false, facts: null, link: null, tryAnewAt: null } as const;

/** A cable that was plugged in later may be the better way. */
function whenToTryAnew({ connected, addresses, tryAnewAt }: MachineState, seen: readonly Address[], now: number): number | null {
  if (!connected || tryAnewAt !== null) return tryAnewAt;
  const known = (address: Address): boolean => addresses.some(({ host, port }) => host === address.host && port === address.port);
  return seen.every(known) ? null : now + newWayAfter;
}

/** An attempt went well. */
const tried = (machine: MachineState): MachineState => ({ ...machine, doing: null, problem: null, failures: 0 });

function refused(machine: MachineState, failure: Failure, now: number, broken = false): MachineState {
  return { ...machine, refusal: { failure, until: now + refusalLasts, broken }, factsDue: now };
}

function failed(machine: MachineState, failure: Failure, now: number): MachineState {
  return { ...machine, problem: failure, failures: machine.failures + 1, retryAt: now + Math.min(lastRetry, firstRetry * 2 ** machine.failures) };
}

function update(state: PodState, fingerprint: string, change: (machine: MachineState) => MachineState): PodState {
  const machines = new Map(state.machines);
  machines.set(fingerprint, change(machines.get(fingerprint) ?? stranger(fingerprint, state.now)));
  return { ...state, machines };
}

function stranger(fingerprint: string, now: number): MachineState {
  return {
    fingerprint,
    name: fingerprint.slice(0, 8),
    paired: false,
    seen: false,
    addresses: [],
    doing: null,
    connected: false,
    facts: null,
    factsDue: now,
    link: null,
    tryAnewAt: null,
    leased: false,
    tunneled: false,
    problem: null,
    failures: 0,
    retryAt: now,
    refusal: null,
  };
}

/** Forgets machines that nothing is left of. */
function settle(state: PodState): PodState {
  const left = [...state.machines.values()].filter((machine) => machine.seen || machine.paired || machine.connected || machine.tunneled || machine.doing !== null);
  return left.length === state.machines.size ? state : { ...state, machines: new Map(left.map((machine) => [machine.fingerprint, machine])) };
}

function reasonOf(failure: Failure): string {
  return 'reason' in failure ? failure.reason : failure.code;
}
