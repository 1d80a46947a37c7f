import type { GenerationStats, ModelInfo, RoleState } from '../../../src/engine/protocol/engineTypes.js';
import type { StatusFacts } from '../../../src/host/statusText.js';
import { validateSettings } from '../../../src/host/settingsValidation.js';

export const places = { bundledModel: '/ext/models/calf-q8_0.gguf', home: '/home/ada' };

export const stats: GenerationStats = {
  promptTokens: 120,
  cachedTokens: 100,
  evaluatedTokens: 20,
  generatedTokens: 42,
  timeToFirstTokenMs: 12.4,
  promptTokensPerSecond: 900,
  decodeTokensPerSecond: 61.27,
};

export const model: ModelInfo = {
  name: 'calf',
  path: places.bundledModel,
  architecture: 'deepseek2',
  fileBytes: 12_942_016,
  contextSize: 2_048,
  layers: 6,
  gpuLayers: 0,
  gpu: 'cpu',
  threads: 4,
  remoteMachines: 0,
  fim: true,
  kvType: 'f16',
  lora: [],
  memoryBytes: { ram: 25_000_000, vram: 0 },
};

export const readyState: RoleState = { state: 'ready', model, lastStats: null };

/** Facts of a fresh window, with what a test changes. */
export function factsWith(changes: Partial<StatusFacts>): StatusFacts {
  return {
    status: { completion: { state: 'unloaded' }, chat: { state: 'unloaded' } },
    settings: validateSettings(() => undefined).settings,
    invalid: [],
    places,
    language: undefined,
    podRun: null,
    lastStats: undefined,
    ...changes,
  };
}
