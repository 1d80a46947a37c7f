import assert from 'node:assert/strict';
import type { PodStatus } from '../../src/engine/protocol/podTypes.js';
import { localPart, machine, pairing, podStatus, remotePart, stranger, traffic } from '../support/podFixtures.js';
import { PodStage } from '../support/podStage.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

const run: PodStatus['run'] = { state: 'running', path: '/models/DeepSeek-V2.5-Q4_K_M.gguf', parts: [localPart, remotePart], predicted: 12.9, measured: 12.1 };

const themes = [
  { theme: 'Dark Modern', name: 'dark' },
  { theme: 'Light Modern', name: 'light' },
  { theme: 'Default High Contrast', name: 'high-contrast' },
] as const;

for (const { theme, name } of themes) {
  describe(`the Pod view in the theme ${theme}`, () => {
    const session = useSession({ settings: { 'workbench.colorTheme': theme } });
    let stage: PodStage;
    let workbench: Workbench;

    before(async () => {
      stage = await PodStage.open(session().runtimeDirectory);
      workbench = await session().open();
      await workbench.openView('Pod');
    });
    after(() => stage.dispose());

    it('welcomes where there is nothing yet', async () => {
      await workbench.pod.locator('.welcome-view').getByRole('button', { name: 'Share This Machine' }).waitFor();
      await workbench.screenshot(`pod-${name}-welcome`);
    });

    it('shows what runs and on which machines', async () => {
      stage.pod.setStatus(podStatus({ run, machines: [machine({ part: remotePart, traffic }), stranger()], sharing: { state: 'on', port: 47_613, device: 'CPU', lendableBytes: 8e9, borrower: null } }));
      await workbench.podRow(/12\.1 tokens\/s/).waitFor();
      await workbench.podRow(/Connection.*260 kB\/s, 21 ms/).waitFor();
      await workbench.screenshot(`pod-${name}-running`);
    });

    it('shows the plan of a model, with what it would bring and who is left out', async () => {
      stage.pod.setStatus(podStatus({ machines: [machine(), stranger()] }));
      await workbench.command('Run a Model on the Pod');
      await workbench.answerQuickInput('present chat model');
      await workbench.podRow('Load on the Pod').waitFor();
      await workbench.podRow('Too large here, fits the pod').waitFor();
      await workbench.podRow(/mini.*pair it first/).waitFor({ state: 'detached' });
      await workbench.screenshot(`pod-${name}-plan`);
      await workbench.podRow('Discard').click();
      await workbench.podRow('Load on the Pod').waitFor({ state: 'detached' });
    });

    it('says that the local model answers, and why', async () => {
      stage.pod.setStatus(podStatus({ run: { state: 'fallback', path: run.path, failure: { code: 'podLost', machine: 'studio', reason: 'it is silent' } }, machines: [machine({ presence: 'away' })] }));
      await workbench.podRow('The local chat model answers').waitFor();
      await workbench.screenshot(`pod-${name}-fallback`);
    });

    it('shows the digits of whoever asks to be paired', async () => {
      stage.pod.setStatus(podStatus({ machines: [machine(), stranger()], pairings: [pairing()] }));
      await workbench.podRow('012 345').waitFor();
      await workbench.notification('012 345').waitFor();
      await workbench.screenshot(`pod-${name}-asked`);
      assert.equal(await workbench.page.locator('.monaco-dialog-box').count(), 0);
    });
  });
}
