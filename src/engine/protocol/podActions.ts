import type { RoleOptions } from './engineTypes.js';
import type { Address, DoctorFinding, PlanPreview, ShareOptions } from './podTypes.js';

/** What can be asked of the pod, the same on both sides of the daemon's wire. Every promise rejects with an `EngineError`. */
export interface PodActions {
  /** Lend this machine, or `null` to stop. */
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
