import type { Sampling } from '../engine/protocol/engineTypes.js';

/** From the most likely answer to the most varied one. */
export const presetNames = ['precise', 'balanced', 'creative'] as const;
export type PresetName = (typeof presetNames)[number];

/**
 * What stands in for a value of sampling that the user has not set. `balanced` is what DeepSeek recommends for its reasoning models;
 * they repeat themselves without end when they are greedy, so `precise` is not.
 */
export const presets: Readonly<Record<PresetName, Omit<Sampling, 'seed'>>> = {
  precise: { temperature: 0.3, topP: 0.9, topK: 0, minP: 0.05, repeatPenalty: 1 },
  balanced: { temperature: 0.6, topP: 0.95, topK: 0, minP: 0, repeatPenalty: 1 },
  creative: { temperature: 1, topP: 0.95, topK: 0, minP: 0.02, repeatPenalty: 1 },
};
