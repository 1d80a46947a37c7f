import type { Failure } from '../../../base/errors.js';
import type { PeerFacts } from '../../../protocol/peerMessages.js';
import type { Address, Build, Link } from '../../../protocol/podTypes.js';
import type { PodPlan } from '../placement/placement.js';
import type { MachineAction, Wish } from './podState.js';
import type { PlacementMachine } from '../placement/rangeCost.js';
import type { Step } from './reconcile.js';

/** Something that happened with one machine. */
export type MachineEvent =
  /** Advertised, or added by hand. */
  | { readonly kind: 'seen'; readonly machine: string; readonly name: string; readonly addresses: readonly Address[] }
  /** Not advertised any more. */
  | { readonly kind: 'gone'; readonly machine: string }
  | { readonly kind: 'paired'; readonly machine: string; readonly name: string; readonly addresses: readonly Address[] }
  | { readonly kind: 'unpaired'; readonly machine: string }
  // How an action ended.
  | { readonly kind: 'connected'; readonly machine: string }
  | { readonly kind: 'greeted'; readonly machine: string; readonly facts: PeerFacts }
  | { readonly kind: 'measured'; readonly machine: string; readonly link: Link }
  | { readonly kind: 'leased'; readonly machine: string }
  | { readonly kind: 'tunnelOpened'; readonly machine: string }
  | { readonly kind: 'tunnelClosed'; readonly machine: string }
  | { readonly kind: 'released'; readonly machine: string }
  | { readonly kind: 'disconnected'; readonly machine: string }
  /** Only the first five can fail. What ends something gives up the connection rather than fail. */
  | { readonly kind: 'failed'; readonly machine: string; readonly action: MachineAction; readonly failure: Failure }
  // What happens by itself.
  /** The control connection ended, or nothing was heard for too long. */
  | { readonly kind: 'lost'; readonly machine: string; readonly failure: Failure }
  /** The machine ended the lease. */
  | { readonly kind: 'revoked'; readonly machine: string; readonly failure: Failure }
  /** The tunnel to it broke; whether the control connection stands will be seen. */
  | { readonly kind: 'tunnelBroke'; readonly machine: string; readonly failure: Failure };

/** Everything that can happen. */
export type PodEvent =
  | MachineEvent
  /** A step of `nextStep` begins. */
  | { readonly kind: 'begun'; readonly step: Step }
  /** Nothing but time has passed. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'watched'; readonly on: boolean }
  | { readonly kind: 'probed'; readonly build: Build; readonly machines: readonly PlacementMachine[] }
  | { readonly kind: 'probeFailed'; readonly failure: Failure }
  | { readonly kind: 'wished'; readonly wish: Wish | null }
  | { readonly kind: 'planned'; readonly plan: PodPlan }
  | { readonly kind: 'unplaceable'; readonly failure: Failure }
  /** The runtime wants to start the worker and waits for a word. */
  | { readonly kind: 'workerWaiting' }
  | { readonly kind: 'workerLoaded' }
  /** It ended, or was unloaded, or nobody waits for it any more. */
  | { readonly kind: 'workerEnded' }
  | { readonly kind: 'generating'; readonly on: boolean };

/** An event with its time in milliseconds. */
export type TimedEvent = PodEvent & { readonly at: number };
