import type { Event } from '../engine/base/event.js';
import type { Settings } from './settingsTable.js';
import type { InvalidSetting } from './settingsValidation.js';

/** The present settings and their changes. An invalid value never gets here: its default stands in for it. */
export interface SettingsReader {
  readonly current: Settings;
  /** Settings whose values cannot be used at the moment. */
  readonly invalid: readonly InvalidSetting[];
  readonly onChange: Event<Settings>;
}
