import { neededBytes } from '../../protocol/modelTypes.js';
import type { ModelShape } from '../predictor.js';
import { fitHere } from './judgeFit.js';
import type { Beside } from './memoryBudget.js';
import type { ModelUse } from './modelNeeds.js';

/** A model that the settings give to the other role, and that is not loaded yet. */
export interface WaitingModel {
  readonly path: string;
  /** Tokens per slot; 0 is the usual context. */
  readonly contextSize: number;
  readonly use: ModelUse;
}

/** What it will take of the `availableBytes`; `null` where it would not be loaded. */
export function besideWaiting({ path, contextSize, use }: WaitingModel, shape: ModelShape, availableBytes: number): Beside | null {
  const { best } = fitHere(shape, { contextSize: 0 }, contextSize, use, availableBytes);
  if (best === null) return null;
  const bytes = neededBytes(best.memory);
  return { path, mainBytes: 0, gpuBytes: 0, budgetBytes: bytes, pendingBytes: bytes };
}
