import { EngineError, hasErrorCode, messageOf } from '../../base/errors.js';

/** Why the system does not give a model file: `modelNotFound`, `modelUnreadable`. */
export function unreadableModel(file: string, error: unknown): EngineError {
  if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return new EngineError({ code: 'modelNotFound', path: file }, { cause: error });
  return new EngineError({ code: 'modelUnreadable', path: file, reason: messageOf(error) }, { cause: error });
}
