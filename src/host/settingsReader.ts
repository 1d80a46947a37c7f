import type { Event } from '../engine/base/event.js';
import type { Settings } from './settingsTable.js';

/** The present settings and their changes. An invalid value never gets here: its default stands in for it. */
export interface SettingsReader {
  readonly current: Settings;
  readonly onChange: Event<Settings>;
}
