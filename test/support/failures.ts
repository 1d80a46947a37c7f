import { EngineError, type FailureCode } from '../../src/engine/base/errors.js';

/** For `assert.rejects`: an `EngineError` of this code. */
export const isFailure = (code: FailureCode) => (error: unknown): boolean => {
  if (EngineError.is(error, code)) return true;
  throw error;
};
