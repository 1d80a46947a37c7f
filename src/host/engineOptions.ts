import type { EngineOptions, ModelOptions, RoleOptions } from '../engine/protocol/engineTypes.js';
import type { Settings } from './settingsTable.js';

const msPerMinute = 60_000;

/** Where this installation finds things; no effects are needed to make options of it. */
export interface Places {
  /** Absolute path of the demonstration model that ships with the extension. */
  readonly bundledModel: string;
  /** The user's home folder, for paths that start with `~/`. */
  readonly home: string;
}

/** The file that a path setting means: the bundled model when it is empty, `~` spelled out. */
export function modelPath(setting: string, places: Places): string {
  const path = setting.trim();
  if (path === '') return places.bundledModel;
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? places.home + path.slice(1) : path;
}

function modelOptions({ engine }: Settings, path: string): ModelOptions {
  const { gpu, gpuLayers, threads, batchSize, mmap, mlock } = engine;
  return { path, gpu, gpuLayers, threads, batchSize, mmap, mlock, kvType: 'auto', lora: [] };
}

/** The chat with another model on several machines: its context and its slots stay the chat's. */
export function podOptions(settings: Settings, path: string): RoleOptions {
  return { model: modelOptions(settings, path), contextSize: settings.chat.contextSize, slots: settings.chat.slots };
}

function podRole(settings: Settings, places: Places): RoleOptions | null {
  const { chat, pod } = settings;
  return chat.enabled && pod.model.trim() !== '' ? podOptions(settings, modelPath(pod.model, places)) : null;
}

/** What the engine is to do under these settings. Equal settings give equal options, so that windows agree. */
export function engineOptions(settings: Settings, places: Places): EngineOptions {
  const { engine, completion, chat, model } = settings;
  const loading = (setting: string): ModelOptions => modelOptions(settings, modelPath(setting, places));
  return {
    completion: completion.enabled
      ? { model: loading(model.completionPath), contextSize: completion.contextSize, slots: completion.slots }
      : null,
    chat: chat.enabled ? { model: loading(model.chatPath), contextSize: chat.contextSize, slots: chat.slots } : null,
    pod: podRole(settings, places),
    unloadAfterMs: engine.unloadAfterMinutes * msPerMinute,
    memoryBudgetBytes: 0,
    exitAfterMs: engine.exitAfterMinutes * msPerMinute,
  };
}
