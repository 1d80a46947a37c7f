import type { Event } from '../base/event.js';
import type { ModelsActions } from '../protocol/modelsActions.js';
import type { ModelsStatus } from '../protocol/modelTypes.js';

/** The models of this machine as a window or the terminal sees them. How to fetch and what is watched is said again after every reconnection. */
export interface ModelsClient extends ModelsActions {
  /** What the daemon last said; `null` before the first word, or without a daemon. */
  readonly status: ModelsStatus | null;
  readonly onStatus: Event<ModelsStatus | null>;
  /** Hear the status from now on, or no longer. Starts the daemon when `on`. */
  watch(on: boolean): Promise<void>;
}
