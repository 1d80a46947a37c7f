import type { ModelsStatus } from '../../engine/protocol/modelTypes.js';
import type { WatchedStatus } from '../watchedStatus.js';

/** The models and downloads of this machine as this window holds them. */
export type ModelsState = WatchedStatus<ModelsStatus>;
