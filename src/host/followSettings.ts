import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import { failureOf } from '../engine/base/errors.js';
import type { Logger } from '../engine/base/logger.js';
import type { EngineClient } from '../engine/client/engineClient.js';
import { engineOptions, type Places } from './engineOptions.js';
import type { FailureHistory } from './failureHistory.js';
import type { VscodeSettings } from './settings.js';
import { invalidSettingText } from './settingsValidation.js';

export interface FollowSettingsDeps {
  readonly engine: EngineClient;
  readonly settings: VscodeSettings;
  readonly places: Places;
  readonly history: FailureHistory;
  readonly log: Logger;
}

/** Keeps the engine's options equal to the settings, and writes to the log what cannot be used and what failed. */
export function followSettings({ engine, settings, places, history, log }: FollowSettingsDeps): Disposable {
  const store = new DisposableStore();
  let sent = '';
  const reported = new Set<string>();

  const configure = (): void => {
    const options = engineOptions(settings.current, places);
    if (JSON.stringify(options) === sent) return;
    sent = JSON.stringify(options);
    engine.configure(options).catch((error: unknown) => log.warn(`the engine did not take the settings: ${JSON.stringify(failureOf(error))}`));
  };
  /** A value that cannot be used is told once, and again only after it was mended in between. */
  const report = (): void => {
    const texts = settings.invalid.map(invalidSettingText);
    for (const text of texts) if (!reported.has(text)) log.warn(text);
    reported.clear();
    for (const text of texts) reported.add(text);
  };

  store.add(settings.onChange(() => {
    report();
    configure();
  }));
  store.add(engine.onStatus((status) => {
    for (const { role, failure } of history.note(status)) log.error(`${role}: ${JSON.stringify(failure)}`);
  }));
  report();
  configure();
  return store;
}
