import type { Sampling } from '../protocol/engineTypes.js';
import type { MultilineSetting } from './multiline.js';

/** What the user decides about completion; the host's settings have this shape. */
export interface CompletionSettings extends Sampling {
  readonly enabled: boolean;
  /** While typing; off leaves the manual trigger. */
  readonly automatic: boolean;
  /** By language id; `*` stands for all that are not named. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** Most tokens of one suggestion. */
  readonly maxTokens: number;
  readonly multiline: MultilineSetting;
  /** Most recent chunks in the prompt; 0 is none. */
  readonly recentChunks: number;
}

/** Whether a language is completed: its own entry, else the one for `*`, else yes. */
export function languageEnabled(languages: Readonly<Record<string, boolean>>, languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}
