import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../engine/base/disposable.js';
import { Emitter, type Event } from '../engine/base/event.js';
import type { SettingsReader } from './settingsReader.js';
import type { SettingKey, Settings } from './settingsTable.js';
import { type InvalidSetting, type ValidatedSettings, validateSettings } from './settingsValidation.js';

const section = 'seekpod';

function readAll(): ValidatedSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  return validateSettings((key) => configuration.get<unknown>(key));
}

/** The settings as they are now, for what happens once. */
export function readSettings(): Settings {
  return readAll().settings;
}

/** The settings of this window, as VS Code has them at the moment. */
export class VscodeSettings implements SettingsReader, Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<Settings>());
  #values = readAll();

  readonly onChange: Event<Settings> = this.#changed.event;

  constructor() {
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration(section)) return;
        this.#values = readAll();
        this.#changed.fire(this.#values.settings);
      }),
    );
  }

  get current(): Settings {
    return this.#values.settings;
  }

  get invalid(): readonly InvalidSetting[] {
    return this.#values.invalid;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Writes a setting for this user. Rejects when the settings file cannot be changed, for instance because it has a syntax error. */
export async function writeSetting(key: SettingKey, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Global);
}
