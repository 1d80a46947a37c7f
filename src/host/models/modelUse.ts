import type { Role } from '../../engine/base/errors.js';
import type { Fit, InstalledModel, ModelRole } from '../../engine/protocol/modelTypes.js';
import { modelPath, type Places } from '../engineOptions.js';
import type { Settings } from '../settingsTable.js';

const suiting: Record<Role, readonly ModelRole[]> = { completion: ['completion'], chat: ['chat', 'reasoning'] };

/** Whether a model is made for a part of the engine: an instruct or reasoning model does not complete code, a base model does not chat. */
export function suits({ roles }: { readonly roles: readonly ModelRole[] }, role: Role): boolean {
  return roles.some((one) => suiting[role].includes(one));
}

/** The parts of the engine that a model is made for. */
export function modelRoles(model: { readonly roles: readonly ModelRole[] }): Role[] {
  return (['chat', 'completion'] as const).filter((role) => suits(model, role));
}

/** The parts of the engine that the settings give this file to. */
export function rolesOf(path: string, { model, pod }: Settings, places: Places): Role[] {
  const used: Role[] = [];
  if (modelPath(model.chatPath, places) === path || (pod.model !== '' && modelPath(pod.model, places) === path)) used.push('chat');
  if (modelPath(model.completionPath, places) === path) used.push('completion');
  return used;
}

/** Whether a model runs on this machine alone. */
export function fitsHere({ verdict }: Pick<Fit, 'verdict'>): boolean {
  return verdict === 'fits' || verdict === 'smallerContext';
}

/** The value of a path setting that means this model: empty for the bundled one, so that an update of the extension may move it. */
export function settingOf({ origin, path }: Pick<InstalledModel, 'origin' | 'path'>): string {
  return origin === 'bundled' ? '' : path;
}
