import type { Event } from '../base/event.js';
import type { PodActions } from '../protocol/podActions.js';
import type { PodStatus } from '../protocol/podTypes.js';

/** The pod as a window or the terminal sees it. What is shared is said again after every reconnection; sharing starts the daemon. */
export interface PodClient extends PodActions {
  /** What the daemon last said; `null` before the first word, or without a daemon. */
  readonly status: PodStatus | null;
  readonly onStatus: Event<PodStatus | null>;
  /** Hear the status from now on, or no longer; said again after every reconnection. Starts the daemon when `on`. */
  watch(on: boolean): Promise<void>;
}
