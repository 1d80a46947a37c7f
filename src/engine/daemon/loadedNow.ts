import type { Role } from '../base/errors.js';
import type { Beside, LoadedNow } from '../models/fit/memoryBudget.js';
import type { EngineOptions, EngineStatus, ModelInfo } from '../protocol/engineTypes.js';

/** What is loaded, as a new model for `role` would find it; without a role the new one would be alone. A model of both roles counts once. */
export function loadedNow(status: EngineStatus, options: EngineOptions | null, role: Role | null): LoadedNow {
  const mapped = options?.chat?.model.mmap ?? options?.completion?.model.mmap ?? true;
  const other = role === null ? null : modelOf(status, role === 'chat' ? 'completion' : 'chat');
  const models = new Map([modelOf(status, 'completion'), modelOf(status, 'chat')].flatMap((model) => (model === null ? [] : [[model.path, model]])));
  if (other !== null) models.delete(other.path);
  return { replacedBytes: [...models.values()].reduce((sum, model) => sum + inMainMemory(model, mapped), 0), beside: other === null ? null : besideOf(other, mapped) };
}

function modelOf(status: EngineStatus, role: Role): ModelInfo | null {
  const now = status[role];
  return now.state === 'ready' || now.state === 'generating' ? now.model : null;
}

function besideOf(model: ModelInfo, mapped: boolean): Beside {
  const { path, memoryBytes: { ram, vram }, remoteMachines } = model;
  // What is on other machines is counted as the memory of a GPU.
  const gpuBytes = remoteMachines > 0 ? 0 : vram;
  return { path, mainBytes: inMainMemory(model, mapped), gpuBytes, budgetBytes: ram + gpuBytes, pendingBytes: 0 };
}

/**
 * Main memory that a model holds. Weights that are mapped from the file are not counted: the system gives their pages to others when it
 * needs to, and says that they are available.
 */
function inMainMemory({ gpu, memoryBytes, fileBytes, remoteMachines }: ModelInfo, mapped: boolean): number {
  // Metal's memory is main memory, and what it maps has to stay there. With layers on other machines nobody knows how much is here.
  if (gpu === 'metal' && remoteMachines === 0) return memoryBytes.ram + memoryBytes.vram;
  return Math.max(0, memoryBytes.ram - (mapped && gpu === 'cpu' ? fileBytes : 0));
}
