import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { suiteHub } from '../support/suiteHub.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';
import { calfFile } from '../support/workerProcess.js';

const repository = 'someone/tiny-GGUF';

describe('a model from the hub, in VS Code', () => {
  const hub = suiteHub();
  const session = useSession(() => ({ settings: { 'workbench.colorTheme': 'Dark Modern' }, machineSettings: { 'seekpod.models.endpoint': hub().endpoint } }));
  let workbench: Workbench;

  before(async () => {
    for (const name of ['tiny', 'other', 'spoilt']) hub().put(repository, `${name}-Q8_0.gguf`, fs.readFileSync(calfFile));
    workbench = await session().open();
    await workbench.openView('Models');
  });
  afterEach(() => {
    hub().fault = () => null;
  });

  const slowly = (): void => {
    hub().fault = ({ at }) => (at === 'storage' ? { kind: 'slow', bytesPerSecond: 100_000 } : null);
  };

  /** Looks at a file of the hub, as the picker leads there. */
  async function lookAt(file: string): Promise<void> {
    await workbench.command('Choose Chat Model');
    await workbench.choice('A model of Hugging Face or any address').waitFor();
    await workbench.answerQuickInput('any address');
    await workbench.page.locator('.quick-input-widget', { hasText: 'A model of Hugging Face' }).waitFor();
    await workbench.answerQuickInput(`${repository}/${file}`);
    await workbench.choice('Download 12.9 MB').waitFor();
  }

  it('is welcomed where there is only the bundled one', async () => {
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Choose a Model…' }).waitFor();
    await workbench.screenshot('models-dark-welcome');
  });

  it('is chosen for a role from a list that says what fits, how large it is and how fast it would be', async () => {
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Choose a Model…' }).click();
    await workbench.choice('Chat and reasoning').waitFor();
    await workbench.page.keyboard.press('Enter');
    const row = workbench.choice('DeepSeek Coder 1.3B Instruct');
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /\d (GB|MB) \(\d+\.\d GiB\).*(fits|too large).*tokens\/s.*needs .* of .* memory/);
    assert.equal(await workbench.choice('1.3B Base').count(), 0, 'a base model does not chat');
    await workbench.screenshot('models-dark-list');
  });

  it('is told in full before its download: memory broken down, checksum, licence', async () => {
    await workbench.answerQuickInput('R1 Distill Qwen 1.5B');
    await workbench.page.locator('.quick-input-title', { hasText: 'quantization' }).waitFor();
    await workbench.screenshot('models-dark-quantizations');
    await workbench.page.locator('.quick-input-titlebar .action-label[aria-label="Back"]').click();
    await workbench.choice('DeepSeek Coder 1.3B Instruct').waitFor();
    await workbench.answerQuickInput('Coder 1.3B Instruct');
    for (const line of ['Download', 'Weights', 'KV cache', 'Compute buffers', 'Left to the system', 'DeepSeek Model License']) await workbench.choice(line).waitFor();
    await workbench.screenshot('models-dark-details');
  });

  it('is not downloaded before its licence has been read and accepted', async () => {
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.tab.active', { hasText: 'DeepSeek' }).waitFor();
    await workbench.notification('comes with the DeepSeek Model License').waitFor();
    await workbench.editor.locator('.view-line', { hasText: /licen[cs]e/i }).first().waitFor();
    await workbench.screenshot('models-dark-licence');
    await workbench.command('Decline the Licence');
    await workbench.page.locator('.tab', { hasText: 'DeepSeek' }).waitFor({ state: 'detached' });
    assert.equal(hub().requests.length, 0);
  });

  it('is looked for once its licence is accepted, and says what is wrong when the hub does not have it', async () => {
    await workbench.command('Choose Chat Model');
    await workbench.choice('DeepSeek Coder 1.3B Instruct').waitFor();
    await workbench.answerQuickInput('Coder 1.3B Instruct');
    await workbench.choice('Compute buffers').waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.editor-actions .action-label[aria-label^="Accept and Download"]').click();
    await workbench.modelRow('stopped at 0 %').waitFor();
    await workbench.modelRow('The server has no').waitFor();
    await workbench.screenshot('models-dark-not-there');
    await workbench.notification('The server has no').waitFor();
    await workbench.pressOnRow(workbench.modelRow('stopped at 0 %'), 'Cancel Download');
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Choose a Model…' }).waitFor();
  });

  it('shows how it is coming, and can be paused', async () => {
    slowly();
    await lookAt('tiny-Q8_0.gguf');
    await workbench.screenshot('models-dark-inspected');
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow(/tiny.* %/).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: '%' }).waitFor();
    await workbench.screenshot('models-dark-downloading');
    await workbench.pressOnRow(workbench.modelRow(/tiny/), 'Pause Download');
    await workbench.modelRow(/tiny.*paused at/).waitFor();
    await workbench.screenshot('models-dark-paused');
  });

  it('goes on, is verified, and answers in the chat', async () => {
    hub().fault = () => null;
    await workbench.pressOnRow(workbench.modelRow(/paused at/), 'Resume Download');
    await workbench.notification('answers in the chat from now on').waitFor();
    await workbench.modelRow(/in use for chat.*Q8_0/).waitFor();
    await workbench.screenshot('models-dark-installed');
    await workbench.modelRow(/in use for chat.*Q8_0/).locator('.monaco-tl-twistie').click();
    await workbench.modelRow(/Checksum.*verified/).waitFor();
    await workbench.modelRow(/tiny-Q8_0\.gguf/).waitFor();
    await workbench.screenshot('models-dark-verified');
    await workbench.ask('Write a function that adds two numbers.');
    assert.match((await workbench.lastAnswer.textContent()) ?? '', /a \+ b/);
    await workbench.page.locator('.statusbar-item', { hasText: 'tiny-Q8_0' }).waitFor();
    await workbench.screenshot('models-dark-chat');
  });

  it('is not used when its bytes are not those that were promised, and comes again on demand', async () => {
    await workbench.openView('Models');
    hub().fault = ({ at }) => (at === 'storage' ? { kind: 'wrongByte', at: 9_000_000 } : null);
    await lookAt('spoilt-Q8_0.gguf');
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow(/spoilt.*stopped/).waitFor();
    await workbench.notification('is not the file it should be').waitFor();
    await workbench.screenshot('models-dark-checksum');
    await workbench.page.locator('.statusbar-item', { hasText: 'tiny-Q8_0' }).waitFor();
    hub().fault = () => null;
    await workbench.pressOnRow(workbench.modelRow(/spoilt.*stopped/), 'Resume Download');
    await workbench.modelRow(/spoilt.*stopped/).waitFor({ state: 'detached' });
    await workbench.page.locator('.statusbar-item', { hasText: 'spoilt-Q8_0' }).waitFor();
  });

  it('can be cancelled, and nothing of it stays', async () => {
    slowly();
    await lookAt('other-Q8_0.gguf');
    await workbench.page.keyboard.press('Enter');
    const row = workbench.modelRow(/other/);
    await row.waitFor();
    await workbench.pressOnRow(row, 'Cancel Download');
    await row.waitFor({ state: 'detached' });
    const left = fs.readdirSync(session().runtimeDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => path.basename(name).startsWith('other'));
    assert.deepEqual(left, []);
  });

  it('is removed with its file after a question', async () => {
    await workbench.command('Use a Model for Chat');
    await workbench.choice('comes with').or(workbench.choice('Calf')).first().waitFor();
    await workbench.page.keyboard.press('Escape');
  });
});
