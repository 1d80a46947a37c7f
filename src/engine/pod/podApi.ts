import type { Disposable } from '../base/disposable.js';
import type { RoleOptions } from '../protocol/engineTypes.js';
import type { Address, DoctorFinding, PlanPreview, PodStatus, ShareOptions } from '../protocol/podTypes.js';

/** What the daemon's connections ask of the pod. Every promise rejects with an `EngineError`. */
export interface PodApi {
  readonly status: PodStatus;
  /** Whether layers of another machine's model are here, so that the daemon must not end by itself. */
  readonly lending: boolean;
  /** Looks for machines while anybody watches; `hear` gets the status at every change, at most four times a second. */
  watch(hear: (status: PodStatus) => void): Promise<Disposable>;
  share(options: ShareOptions | null): Promise<void>;
  rename(name: string): Promise<void>;
  /** Answers the fingerprint of the machine at the address. */
  add(address: Address, signal: AbortSignal): Promise<string>;
  /** Settles when both users have confirmed, or one has not. */
  pair(fingerprint: string, signal: AbortSignal): Promise<void>;
  confirmPairing(id: string, equal: boolean): Promise<void>;
  unpair(fingerprint: string): Promise<void>;
  plan(options: RoleOptions, signal: AbortSignal): Promise<PlanPreview>;
  doctor(signal: AbortSignal): Promise<DoctorFinding[]>;
}
