import type { Disposable } from '../base/disposable.js';
import type { PodActions } from '../protocol/podActions.js';
import type { PodStatus } from '../protocol/podTypes.js';

/** What the daemon's connections ask of the pod. */
export interface PodApi extends PodActions {
  readonly status: PodStatus;
  /** Whether layers of another machine's model are here, so that the daemon must not end by itself. */
  readonly lending: boolean;
  /** Looks for machines while anybody watches; `hear` gets the status at every change, at most four times a second. */
  watch(hear: (status: PodStatus) => void): Promise<Disposable>;
}
