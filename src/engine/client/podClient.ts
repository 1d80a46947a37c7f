import type { Event } from '../base/event.js';
import type { RoleOptions } from '../protocol/engineTypes.js';
import type { Address, DoctorFinding, PlanPreview, PodStatus, ShareOptions } from '../protocol/podTypes.js';

/** The pod as a window or the terminal sees it. Every promise rejects with an `EngineError`. */
export interface PodClient {
  /** What the daemon last said; `null` before the first word, or without a daemon. */
  readonly status: PodStatus | null;
  readonly onStatus: Event<PodStatus | null>;
  /** Hear the status from now on, or no longer; said again after every reconnection. Starts the daemon when `on`. */
  watch(on: boolean): Promise<void>;
  /** Lend this machine, or `null` to stop; said again after every reconnection. Starts the daemon unless `null`. */
  share(options: ShareOptions | null): Promise<void>;
  rename(name: string): Promise<void>;
  /** Answers the fingerprint of the machine at the address. */
  add(address: Address, signal: AbortSignal): Promise<string>;
  /** Settles when both users have confirmed, or one has not. The digits are in the status meanwhile. */
  pair(fingerprint: string, signal: AbortSignal): Promise<void>;
  confirmPairing(id: string, equal: boolean): Promise<void>;
  unpair(fingerprint: string): Promise<void>;
  plan(options: RoleOptions, signal: AbortSignal): Promise<PlanPreview>;
  doctor(signal: AbortSignal): Promise<DoctorFinding[]>;
}
