import type { Disposable } from '../base/disposable.js';
import type { ModelsActions } from '../protocol/modelsActions.js';
import type { ModelsStatus } from '../protocol/modelTypes.js';

/** What the daemon's connections ask of the models. */
export interface ModelsApi extends ModelsActions {
  readonly status: ModelsStatus;
  /** Whether a download runs, so that the daemon must not end by itself. */
  readonly busy: boolean;
  /** Looks again which files are still there, and how much room is left. */
  look(): Promise<void>;
  /** `hear` gets the status at every change, at most four times a second. */
  watch(hear: (status: ModelsStatus) => void): Promise<Disposable>;
}
