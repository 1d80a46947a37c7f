import { assertNever } from '../engine/base/errors.js';
import type { Sampling } from '../engine/protocol/engineTypes.js';
import type { ModelSource } from '../engine/protocol/modelTypes.js';
import { modelFileName, namesModel } from './modelPattern.js';
import { presets } from './presets.js';
import type { ModelOverride, SetSampling, Settings } from './settingsTable.js';
import type { ValidatedSettings } from './settingsValidation.js';

type Overrides = Settings['models']['overrides'];

/** What the settings say of one model alone: of all entries that mean it, with the exact names after the patterns. */
export function overrideFor(overrides: Overrides, path: string): ModelOverride {
  const meant = Object.entries(overrides).filter(([pattern]) => namesModel(pattern, path));
  const isPattern = ([pattern]: [string, ModelOverride]): boolean => pattern.includes('*');
  const ordered = [...meant.filter(isPattern), ...meant.filter((entry) => !isPattern(entry))];
  return Object.assign({}, ...ordered.map(([, override]) => override)) as ModelOverride;
}

/** Tokens per slot for a model: its own, else the role's. */
export function contextSizeFor(settings: Settings, role: 'completion' | 'chat', path: string): number {
  return overrideFor(settings.models.overrides, path).contextSize ?? settings[role].contextSize;
}

/** The same for a model that is elsewhere, by the name that its file has there. */
export function contextSizeOf(settings: Settings, role: 'completion' | 'chat', source: ModelSource): number {
  switch (source.kind) {
    case 'hub':
      return contextSizeFor(settings, role, source.file);
    case 'url':
      return contextSizeFor(settings, role, new URL(source.url).pathname);
    case 'catalogue':
      // Its files are the engine's to know.
      return settings[role].contextSize;
    default:
      return assertNever(source);
  }
}

/**
 * The entries with another context for a model, as one that names it exactly. `null` where none says how much it has: then the role's
 * setting counts.
 */
export function withContextSize(overrides: Overrides, path: string, contextSize: number): Overrides | null {
  return overrideFor(overrides, path).contextSize === undefined ? null : withOwnContextSize(overrides, path, contextSize);
}

/**
 * The same whatever they have said of it. `null` where the user has written what cannot be used: the defaults stand in for it, and to
 * write those would lose it.
 */
export function ownContextSize({ settings, invalid }: ValidatedSettings, path: string, contextSize: number): Overrides | null {
  return invalid.some(({ key }) => key === 'models.overrides') ? null : withOwnContextSize(settings.models.overrides, path, contextSize);
}

function withOwnContextSize(overrides: Overrides, path: string, contextSize: number): Overrides {
  const exact = Object.keys(overrides).filter((pattern) => !pattern.includes('*') && namesModel(pattern, path));
  const own = exact.at(-1) ?? modelFileName(path);
  return { ...overrides, [own]: { ...overrides[own], contextSize } };
}

/** How the chat samples with a model: what is said of the model, then what the user has set, then the preset. */
export function chatSampling({ chat, models }: Settings, path: string): Sampling {
  return sampling(overrideFor(models.overrides, path), chat, { ...presets[chat.preset], seed: null });
}

/** How completion samples with a model: what is said of the model, then the settings. */
export function completionSampling({ completion, models }: Settings, path: string): Sampling {
  return sampling(overrideFor(models.overrides, path), completion, completion);
}

function sampling(override: ModelOverride, set: SetSampling, otherwise: Sampling): Sampling {
  return {
    temperature: override.temperature ?? set.temperature ?? otherwise.temperature,
    topP: override.topP ?? set.topP ?? otherwise.topP,
    topK: override.topK ?? set.topK ?? otherwise.topK,
    minP: override.minP ?? set.minP ?? otherwise.minP,
    repeatPenalty: override.repeatPenalty ?? set.repeatPenalty ?? otherwise.repeatPenalty,
    // `null` is a value of its own here: different every time.
    seed: override.seed === undefined ? set.seed : override.seed,
  };
}
