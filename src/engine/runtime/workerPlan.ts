import type { Role } from '../base/errors.js';
import type { EngineOptions, Lora, ModelOptions, RoleOptions } from '../protocol/engineTypes.js';
import type { LoadParams } from '../protocol/workerMessages.js';

/** A worker that should exist, and the roles it serves. */
export interface WorkerPlan {
  readonly roles: readonly Role[];
  readonly load: LoadParams;
}

/**
 * Which workers the options ask for: one for both roles when they load the same file in the same way, so that the weights are
 * in memory once; otherwise one for each role that is on. `realPath` resolves links.
 */
export function planWorkers(options: EngineOptions, realPath: (path: string) => string): WorkerPlan[] {
  const completion = resolved(options.completion, realPath);
  const chat = resolved(options.chat, realPath);
  if (completion !== null && chat !== null && sameModel(completion.model, chat.model)) {
    return [{ roles: ['completion', 'chat'], load: { model: completion.model, completion: contextOf(completion), chat: contextOf(chat), remote: null } }];
  }
  const plans: WorkerPlan[] = [];
  if (completion !== null) plans.push({ roles: ['completion'], load: { model: completion.model, completion: contextOf(completion), chat: null, remote: null } });
  if (chat !== null) plans.push({ roles: ['chat'], load: { model: chat.model, completion: null, chat: contextOf(chat), remote: null } });
  return plans;
}

/**
 * The worker whose layers are spread over several machines: for chat, and for completion only when that names the very same file.
 * Otherwise completions stay on a worker that no other machine affects.
 */
export function planPod(options: EngineOptions, realPath: (path: string) => string): WorkerPlan | null {
  const pod = resolved(options.pod, realPath);
  const completion = resolved(options.completion, realPath);
  if (pod === null) return null;
  const shared = completion !== null && completion.model.path === pod.model.path;
  return {
    roles: shared ? ['completion', 'chat'] : ['chat'],
    load: { model: pod.model, completion: shared ? contextOf(completion) : null, chat: contextOf(pod), remote: null },
  };
}

/** Whether a worker of one plan can go on serving the other. */
export function samePlan(a: WorkerPlan, b: WorkerPlan): boolean {
  return sameModel(a.load.model, b.load.model) && sameContext(a.load.completion, b.load.completion) && sameContext(a.load.chat, b.load.chat);
}

function resolved(role: RoleOptions | null, realPath: (path: string) => string): RoleOptions | null {
  return role === null ? null : { ...role, model: { ...role.model, path: realPath(role.model.path) } };
}

function contextOf({ contextSize, slots }: RoleOptions): { contextSize: number; slots: number } {
  return { contextSize, slots };
}

function sameModel(a: ModelOptions, b: ModelOptions): boolean {
  return (
    a.path === b.path &&
    a.gpu === b.gpu &&
    a.gpuLayers === b.gpuLayers &&
    a.threads === b.threads &&
    a.batchSize === b.batchSize &&
    a.mmap === b.mmap &&
    a.mlock === b.mlock &&
    a.kvType === b.kvType &&
    sameAdapters(a.lora, b.lora)
  );
}

function sameAdapters(a: readonly Lora[], b: readonly Lora[]): boolean {
  return a.length === b.length && a.every(({ path, scale }, index) => path === b[index]?.path && scale === b[index]?.scale);
}

function sameContext(a: LoadParams['chat'], b: LoadParams['chat']): boolean {
  if (a === null || b === null) return a === b;
  return a.contextSize === b.contextSize && a.slots === b.slots;
}
