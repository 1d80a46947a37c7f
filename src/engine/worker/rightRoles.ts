import path from 'node:path';
import { EngineError, type Role } from '../base/errors.js';
import { modelNamed } from '../models/catalogue/catalogue.js';
import { hasFimTokens } from '../models/gguf/fimTokens.js';
import type { ModelFile } from '../models/gguf/modelFile.js';
import { rolesOf } from '../models/gguf/roles.js';
import type { LoadParams } from '../protocol/workerMessages.js';

/** What to load, and the role that was asked for and that the model is not for. */
export interface RightRoles {
  readonly params: LoadParams;
  readonly wrongRole: Role | null;
}

/**
 * Leaves out the role that a model is not for, so that no memory is taken for it while the other role goes on: an instruct or
 * reasoning model does not complete, a base model does not chat. That a vocabulary cannot fill in the middle is said by the request.
 * @throws EngineError `wrongRole` where nothing is left to load
 */
export function rightRoles(params: LoadParams, { headers }: Pick<ModelFile, 'headers'>): RightRoles {
  const metadata = headers[0]?.metadata ?? new Map();
  const fileName = path.basename(params.model.path);
  const roles = rolesOf(headers, fileName, modelNamed(fileName));
  const completes = roles.includes('completion') || !hasFimTokens(metadata);
  const chats = roles.some((role) => role !== 'completion');
  const wrongRole = params.completion !== null && !completes ? 'completion' : params.chat !== null && !chats ? 'chat' : null;
  if (wrongRole === null) return { params, wrongRole };
  const right = { ...params, [wrongRole]: null };
  if (right.completion !== null || right.chat !== null) return { params: right, wrongRole };
  const name = metadata.get('general.name');
  throw new EngineError({ code: 'wrongRole', model: typeof name === 'string' && name !== '' ? name : fileName, role: wrongRole });
}
