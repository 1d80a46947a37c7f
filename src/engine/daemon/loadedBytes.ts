import type { EngineOptions, EngineStatus, ModelInfo } from '../protocol/engineTypes.js';

/**
 * Main memory that loaded models hold now, in bytes, a model of both roles once. Weights that are mapped from the file are not counted:
 * the system gives their pages to others when it needs to, and says that they are available.
 */
export function loadedBytes(status: EngineStatus, options: EngineOptions | null): number {
  const mapped = options?.chat?.model.mmap ?? options?.completion?.model.mmap ?? true;
  const models = new Map<string, ModelInfo>();
  for (const role of [status.completion, status.chat]) {
    if (role.state === 'ready' || role.state === 'generating') models.set(role.model.path, role.model);
  }
  return [...models.values()].reduce((sum, model) => sum + inMainMemory(model, mapped), 0);
}

function inMainMemory({ gpu, memoryBytes, fileBytes }: ModelInfo, mapped: boolean): number {
  // Metal's memory is main memory, and what it maps has to stay there.
  if (gpu === 'metal') return memoryBytes.ram + memoryBytes.vram;
  return Math.max(0, memoryBytes.ram - (mapped && gpu === 'cpu' ? fileBytes : 0));
}
