import { Emitter } from '../../src/engine/base/event.js';
import type { SettingsReader } from '../../src/host/settingsReader.js';
import type { Settings } from '../../src/host/settingsTable.js';
import { validateSettings } from '../../src/host/settingsValidation.js';

/** Settings that a test changes as it likes; the defaults at first. */
export class TestSettings implements SettingsReader {
  readonly #changed = new Emitter<Settings>();
  readonly onChange = this.#changed.event;
  readonly invalid = [];
  current = validateSettings(() => undefined).settings;

  changePod(pod: Partial<Settings['pod']>): void {
    this.current = { ...this.current, pod: { ...this.current.pod, ...pod } };
    this.#changed.fire(this.current);
  }

  change(completion: Partial<Settings['completion']>): void {
    this.current = { ...this.current, completion: { ...this.current.completion, ...completion } };
    this.#changed.fire(this.current);
  }
}
