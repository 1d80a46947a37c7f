import type { Role } from '../engine/base/errors.js';
import type { EngineOptions, Lora, RoleOptions } from '../engine/protocol/engineTypes.js';
import { contextSizeFor } from './modelOverrides.js';
import { namesModel } from './modelPattern.js';
import type { Settings } from './settingsTable.js';

const msPerMinute = 60_000;
const bytesPerGb = 1e9;

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
  return path === '' ? places.bundledModel : fromHome(path, places.home);
}

function fromHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? home + path.slice(1) : path;
}

/** The adapters for a model, in the order of the list. */
function adaptersFor({ model }: Settings, path: string, home: string): Lora[] {
  return model.lora
    .filter((adapter) => adapter.model === undefined || namesModel(adapter.model, path))
    .map((adapter) => ({ path: fromHome(adapter.path.trim(), home), scale: adapter.scale ?? 1 }));
}

function roleOptions(settings: Settings, role: Role, path: string, home: string): RoleOptions {
  const { gpu, gpuLayers, threads, batchSize, mmap, mlock, kvType } = settings.engine;
  return {
    model: { path, gpu, gpuLayers, threads, batchSize, mmap, mlock, kvType, lora: adaptersFor(settings, path, home) },
    contextSize: contextSizeFor(settings, role, path),
    slots: settings[role].slots,
  };
}

/** The chat with another model on several machines: its slots stay the chat's, and its context unless it has one of its own. */
export function podOptions(settings: Settings, path: string, home: string): RoleOptions {
  return roleOptions(settings, 'chat', path, home);
}

/** What the engine is to do under these settings. Equal settings give equal options, so that windows agree. */
export function engineOptions(settings: Settings, places: Places): EngineOptions {
  const { engine, model, pod } = settings;
  const optionsOf = (role: Role, setting: string): RoleOptions | null => (settings[role].enabled ? roleOptions(settings, role, modelPath(setting, places), places.home) : null);
  return {
    completion: optionsOf('completion', model.completionPath),
    chat: optionsOf('chat', model.chatPath),
    pod: pod.model.trim() === '' ? null : optionsOf('chat', pod.model),
    unloadAfterMs: engine.unloadAfterMinutes * msPerMinute,
    memoryBudgetBytes: Math.round(engine.memoryBudgetGb * bytesPerGb),
    exitAfterMs: engine.exitAfterMinutes * msPerMinute,
  };
}
