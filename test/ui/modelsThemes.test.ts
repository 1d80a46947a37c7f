import fs from 'node:fs';
import { suiteHub } from '../support/suiteHub.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';
import { calfFile } from '../support/workerProcess.js';

const themes = [
  { theme: 'Light Modern', name: 'light' },
  { theme: 'Default High Contrast', name: 'high-contrast' },
] as const;

for (const { theme, name } of themes) {
  describe(`models in the theme ${theme}`, () => {
    const hub = suiteHub();
    const session = useSession(() => ({ settings: { 'workbench.colorTheme': theme }, machineSettings: { 'seekpod.models.endpoint': hub().endpoint } }));
    let workbench: Workbench;

    before(async () => {
      hub().put('someone/tiny-GGUF', 'tiny-Q8_0.gguf', fs.readFileSync(calfFile));
      workbench = await session().open();
      await workbench.openView('Models');
    });

    it('welcomes where there is only the bundled one', async () => {
      await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Choose a Model…' }).waitFor();
      await workbench.screenshot(`models-${name}-welcome`);
    });

    it('lists what there is, judged for this machine', async () => {
      await workbench.command('Choose Completion Model');
      await workbench.choice('Coder V2 Lite Base').waitFor();
      await workbench.screenshot(`models-${name}-list`);
      await workbench.choose('Coder V2 Lite Base');
      await workbench.page.locator('.quick-input-title', { hasText: 'quantization' }).waitFor();
      await workbench.screenshot(`models-${name}-quantizations`);
      await workbench.page.keyboard.press('Enter');
      await workbench.choice('Compute buffers').waitFor();
      await workbench.screenshot(`models-${name}-details`);
      await workbench.choice('large KV cache').click();
      await workbench.page.locator('.monaco-dialog-box', { hasText: 'Take a newer conversion' }).waitFor();
      await workbench.screenshot(`models-${name}-explained`);
      await workbench.page.keyboard.press('Escape');
      await workbench.choice('Compute buffers').waitFor();
      await workbench.page.keyboard.press('Escape');
    });

    it('shows a download that comes, one that has stopped, and the model that is there', async () => {
      await workbench.lookAtModel('someone/tiny-GGUF/tiny-Q8_0.gguf');
      hub().fault = ({ at }) => (at === 'storage' ? { kind: 'slow', bytesPerSecond: 200_000 } : null);
      await workbench.page.keyboard.press('Enter');
      await workbench.modelRow(/% · .*B\/s/).waitFor();
      await workbench.screenshot(`models-${name}-downloading`);
      hub().fault = ({ at }) => (at === 'storage' ? { kind: 'status', status: 404 } : null);
      await workbench.pressOnRow(workbench.downloadRow('tiny'), 'Pause Download');
      await workbench.modelRow('paused at').waitFor();
      await workbench.pressOnRow(workbench.downloadRow('tiny'), 'Resume Download');
      await workbench.modelRow('The server has no').waitFor();
      await workbench.screenshot(`models-${name}-stopped`);
      hub().fault = () => null;
      await workbench.pressOnRow(workbench.downloadRow('tiny'), 'Resume Download');
      await workbench.modelRow(/in use for chat$/).waitFor();
      await workbench.modelRow(/in use for chat$/).hover();
      await workbench.screenshot(`models-${name}-installed`);
    });
  });
}
