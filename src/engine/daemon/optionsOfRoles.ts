import type { Role } from '../base/errors.js';
import { type ModelUse, usualUse } from '../models/fit/modelNeeds.js';
import type { WaitingModel } from '../models/fit/waitingModel.js';
import type { EngineOptions, EngineStatus, RoleState } from '../protocol/engineTypes.js';
import { realPath } from './composeModels.js';

/** As the options have it for the role, or for the one that is on; before anybody has set any, as the settings have it by themselves. */
export function useOf(options: EngineOptions | null, role: Role | null): ModelUse {
  const wanted = (role === null ? null : options?.[role]) ?? options?.chat ?? options?.completion;
  return wanted === null || wanted === undefined ? usualUse : { slots: wanted.slots, batchSize: wanted.model.batchSize, kvType: wanted.model.kvType };
}

/** The model that the options give to the other role, until it is loaded. A chat that is meant for the pod waits there, not here. */
export function waitingModel(status: EngineStatus, options: EngineOptions | null, role: Role | null): WaitingModel | null {
  const other = role === 'chat' ? 'completion' : 'chat';
  const wanted = role === null ? null : (options?.[other] ?? null);
  if (wanted === null || !isWaiting(status[other]) || (other === 'chat' && options?.pod !== null)) return null;
  return { path: realPath(wanted.model.path), contextSize: wanted.contextSize, use: useOf(options, other) };
}

function isWaiting({ state }: RoleState): boolean {
  return state === 'unloaded' || state === 'loading' || state === 'recovering';
}
