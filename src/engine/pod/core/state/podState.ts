import type { Failure } from '../../../base/errors.js';
import type { PeerFacts } from '../../../protocol/peerMessages.js';
import type { Address, Build, Link } from '../../../protocol/podTypes.js';
import type { ModelCost } from '../placement/modelCost.js';
import type { PodPlan } from '../placement/placement.js';
import type { PlacementContext, PlacementMachine } from '../placement/rangeCost.js';

/** What is done with one machine. Each ends with one event: what came of it, or `failed`. */
export type MachineAction = 'connect' | 'greet' | 'measure' | 'lease' | 'openTunnel' | 'closeTunnel' | 'release' | 'disconnect';

/** All that is known of another machine. Times are milliseconds of the same clock as the events'. */
export interface MachineState {
  readonly fingerprint: string;
  readonly name: string;
  readonly paired: boolean;
  /** Advertised, or added by hand. */
  readonly seen: boolean;
  readonly addresses: readonly Address[];
  /** What is under way; nothing else begins with this machine before it has ended. */
  readonly doing: MachineAction | null;
  /** There is a control connection. */
  readonly connected: boolean;
  readonly facts: PeerFacts | null;
  /** When to ask for facts again. */
  readonly factsDue: number;
  readonly link: Link | null;
  /** It has been seen at an address that was not tried: when to connect anew and measure all ways, `null` for never. */
  readonly tryAnewAt: number | null;
  readonly leased: boolean;
  /** The near end of a tunnel is open. It may outlive the lease: a worker that uses it must end first. */
  readonly tunneled: boolean;
  /** Why the last attempt failed; `null` since one went well. */
  readonly problem: Failure | null;
  /** Failed attempts in a row, and before when not to try again. */
  readonly failures: number;
  readonly retryAt: number;
  /** It did not lend, or stopped to: left out of plans until then. `broken` where only its tunnel says so. */
  readonly refusal: { readonly failure: Failure; readonly until: number; readonly broken: boolean } | null;
}

/** The model that is meant to run on the pod. */
export interface Wish {
  readonly path: string;
  readonly name: string;
  /** Of all files. */
  readonly bytes: number;
  readonly cost: ModelCost;
  readonly context: PlacementContext;
}

/**
 * The worker that runs the model: `waiting` for a plan, its leases and tunnels before it may start, `draining` while it finishes
 * an answer and is not wanted any more, `stopping` once it was told to end.
 */
export type WorkerPhase = 'none' | 'waiting' | 'loading' | 'running' | 'draining' | 'stopping';

/** What runs or is about to. It stays until the worker has ended, also when it does not hold any more. */
export interface CurrentPlan {
  readonly path: string;
  readonly plan: PodPlan;
  /** Why the worker must end: another model is wanted, or a machine was lost. */
  readonly over: 'changed' | 'lost' | null;
}

export interface Loss {
  readonly name: string;
  readonly reason: string;
  /** Forgotten when nobody asks for the model until then. */
  readonly until: number;
  /** Who had layers. Where the rest cannot hold the model, they are waited for until `backBy`: it may be this machine that slept. */
  readonly holders: readonly string[];
  readonly backBy: number;
}

export interface PodState {
  /** Time of the last event. */
  readonly now: number;
  /** Somebody looks at the pod. */
  readonly watching: boolean;
  /** What this machine is: its build and devices with what they could hold now; `null` until it was probed. */
  readonly self: { readonly build: Build; readonly machines: readonly PlacementMachine[] } | null;
  readonly probing: boolean;
  /** Why this machine can take no part. */
  readonly problem: Failure | null;
  readonly machines: ReadonlyMap<string, MachineState>;
  readonly wish: Wish | null;
  readonly worker: WorkerPhase;
  /** An answer is being made. */
  readonly generating: boolean;
  readonly current: CurrentPlan | null;
  /** There is no plan for the waiting worker. */
  readonly unplaceable: Failure | null;
  /** A machine left a running model, which is not running again yet. */
  readonly lost: Loss | null;
  /** Why the local model answers. */
  readonly fallback: Failure | null;
}

export const emptyPod: PodState = {
  now: 0,
  watching: false,
  self: null,
  probing: false,
  problem: null,
  machines: new Map(),
  wish: null,
  worker: 'none',
  generating: false,
  current: null,
  unplaceable: null,
  lost: null,
  fallback: null,
};

/** There is a process that uses the tunnels. */
export function workerLives(state: PodState): boolean {
  return state.worker !== 'none' && state.worker !== 'waiting';
}

/** A machine was lost, and the worker is about to ask for another plan or waits for one. */
export function isRecovering({ lost, worker, now }: PodState): boolean {
  return lost !== null && (worker !== 'none' || now < lost.until);
}

/** Whether connections are worth having. */
export function podWanted(state: PodState): boolean {
  return state.watching || state.worker !== 'none' || isRecovering(state);
}

/** Whether a machine has a part in what runs or is about to. */
export function takesPart(state: PodState, fingerprint: string): boolean {
  return state.current !== null && state.current.plan.parts.some((part) => part.id === fingerprint);
}
