import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { VscodeSettings, writeSetting } from '../../src/host/settings.js';
import type { Settings } from '../../src/host/settingsTable.js';

describe('settings in VS Code', () => {
  let settings: VscodeSettings;

  beforeEach(() => {
    settings = new VscodeSettings();
  });
  afterEach(async () => {
    settings.dispose();
    await writeSetting('chat.topK', undefined);
  });

  /** Writes a value and waits until it is read. */
  async function change(value: unknown): Promise<Settings> {
    const changed = new Promise<Settings>((resolve) => {
      const subscription = settings.onChange((current) => {
        subscription.dispose();
        resolve(current);
      });
    });
    await writeSetting('chat.topK', value);
    return changed;
  }

  it('are read anew when they change', async () => {
    assert.equal((await change(40)).chat.topK, 40);
    assert.deepEqual(settings.invalid, []);
  });

  it('fall back to the default for a value that cannot be used, and name it', async () => {
    assert.equal((await change('many')).chat.topK, null);
    assert.deepEqual(settings.invalid.map(({ key }) => key), ['chat.topK']);
  });

  it('are all contributed with the defaults of the table', () => {
    const configuration = vscode.workspace.getConfiguration('seekpod');
    assert.equal(configuration.inspect('engine.nodePath')?.defaultValue, '');
    assert.equal(configuration.inspect('completion.enabled')?.defaultValue, true);
  });
});
