import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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
    await workbench.choose('DeepSeek R1 Distill Qwen 1.5B');
    await workbench.page.locator('.quick-input-title', { hasText: 'quantization' }).waitFor();
    await workbench.screenshot('models-dark-quantizations');
    await workbench.page.locator('.quick-input-titlebar .action-label[aria-label^="Back"]').click();
    await workbench.page.locator('.quick-input-title', { hasText: 'Model for the chat' }).waitFor();
    await workbench.choose('DeepSeek Coder 1.3B Instruct');
    for (const line of ['Download 873 MB', 'Weights', 'KV cache', 'Compute buffers', 'Left to everything else', 'DeepSeek Model License']) await workbench.choice(line).waitFor();
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

  it('is not downloaded by the answer to an earlier question, whose message is still there', async () => {
    await workbench.command('Choose Chat Model');
    await workbench.choose('DeepSeek Coder 6.7B Instruct');
    await workbench.choice('Compute buffers').waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.notification('6.7B Instruct comes with').waitFor();
    // A message leaves the screen by itself some time, and stays in the list.
    await workbench.command('Notifications: Show Notifications');
    await workbench.page.locator('.notifications-center .monaco-list-row', { hasText: '1.3B Instruct comes with' }).getByText('Accept and Download').click();
    await workbench.command('Decline the Licence');
    await workbench.page.locator('.tab', { hasText: 'DeepSeek' }).waitFor({ state: 'detached' });
    assert.equal(hub().requests.length, 0);
    // Of more than three messages VS Code tells by the bell alone.
    await workbench.command('Notifications: Clear All Notifications');
  });

  it('is looked for once its licence is accepted, and says what is wrong when the hub does not have it', async () => {
    await workbench.command('Choose Chat Model');
    await workbench.choose('DeepSeek Coder 1.3B Instruct');
    await workbench.choice('Compute buffers').waitFor();
    await workbench.page.keyboard.press('Enter');
    await workbench.page.locator('.editor-group-container .action-label[aria-label^="Accept"]').click();
    await workbench.modelRow('The server has no').waitFor();
    await workbench.screenshot('models-dark-not-there');
    await workbench.notification('The server has no').waitFor();
    await workbench.pressOnRow(workbench.downloadRow('DeepSeek Coder'), 'Cancel Download');
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Choose a Model…' }).waitFor();
  });

  it('of a repository is looked at itself before it is told in full', async () => {
    await workbench.askForModel(repository);
    await workbench.choice('spoilt-Q8_0.gguf').click();
    await workbench.choice('Compute buffers').waitFor();
    await workbench.choice('Computed from the file').waitFor();
    await workbench.screenshot('models-dark-repository');
    await workbench.page.keyboard.press('Escape');
  });

  it('shows how it is coming, and can be paused', async () => {
    await workbench.lookAtModel(`${repository}/tiny-Q8_0.gguf`);
    await workbench.screenshot('models-dark-inspected');
    slowly();
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow(/^\d+ %/).waitFor();
    await workbench.page.locator('.statusbar-item', { hasText: '%' }).waitFor();
    await workbench.screenshot('models-dark-downloading');
    await workbench.pressOnRow(workbench.downloadRow('tiny'), 'Pause Download');
    await workbench.modelRow(/paused at/).waitFor();
    await workbench.screenshot('models-dark-paused');
  });

  it('goes on, is verified, and answers in the chat', async () => {
    hub().fault = () => null;
    await workbench.pressOnRow(workbench.downloadRow('tiny'), 'Resume Download');
    await workbench.notification('answers in the chat from now on').waitFor();
    await workbench.modelRow(/in use for chat$/).waitFor();
    await workbench.screenshot('models-dark-installed');
    await workbench.modelRow(/in use for chat$/).locator('.monaco-tl-twistie').click();
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
    await workbench.lookAtModel(`${repository}/spoilt-Q8_0.gguf`);
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow('Its checksum differs').waitFor();
    await workbench.notification('is not the file it should be').waitFor();
    await workbench.screenshot('models-dark-checksum');
    await workbench.page.locator('.statusbar-item', { hasText: 'tiny-Q8_0' }).waitFor();
    hub().fault = () => null;
    await workbench.pressOnRow(workbench.downloadRow('spoilt'), 'Resume Download');
    await workbench.modelRow('Its checksum differs').waitFor({ state: 'detached' });
    await workbench.page.locator('.statusbar-item', { hasText: 'spoilt-Q8_0' }).waitFor();
  });

  it('can be cancelled, and nothing of it stays', async () => {
    await workbench.lookAtModel(`${repository}/other-Q8_0.gguf`);
    slowly();
    await workbench.page.keyboard.press('Enter');
    const row = workbench.downloadRow('other');
    await row.waitFor();
    await workbench.pressOnRow(row, 'Cancel Download');
    await row.waitFor({ state: 'detached' });
    const left = fs.readdirSync(session().runtimeDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => path.basename(name).startsWith('other'));
    assert.deepEqual(left, []);
  });

  it('is deleted with its file, after a question', async () => {
    const file = (): string[] => fs.readdirSync(session().runtimeDirectory, { recursive: true, encoding: 'utf8' }).filter((name) => path.basename(name) === 'tiny-Q8_0.gguf');
    assert.equal(file().length, 1);
    const row = workbench.modelRow(/Calf.*completion, chat, reasoning/).first();
    await workbench.pressOnRow(row, 'Remove');
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    assert.equal(file().length, 0);
  });

  it('that has failed for good starts no engine in a window that is opened later', async () => {
    await workbench.lookAtModel(`${repository}/other-Q8_0.gguf`);
    hub().fault = ({ at }) => (at === 'storage' ? { kind: 'wrongByte', at: 9_000_000 } : null);
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow('Its checksum differs').waitFor();
    await workbench.page.close();
    while (session().engineProcesses().daemons > 0) await wait(100);
    workbench = await session().open();
    // Longer than it takes to remember it.
    await workbench.page.waitForTimeout(5_000);
    assert.equal(session().engineProcesses().daemons, 0);
    await workbench.openView('Models');
    await workbench.modelRow('Its checksum differs').waitFor();
    await workbench.pressOnRow(workbench.downloadRow('other'), 'Cancel Download');
    await workbench.downloadRow('other').waitFor({ state: 'detached' });
  });

  it('is used as was promised by a window that was reloaded meanwhile, and by one of two alone', async () => {
    await workbench.lookAtModel(`${repository}/other-Q8_0.gguf`);
    slowly();
    await workbench.page.keyboard.press('Enter');
    await workbench.modelRow(/^\d+ %/).waitFor();
    await workbench.page.reload();
    await workbench.status.waitFor({ timeout: 60_000 });
    const second = await session().open();
    for (const window of [second, workbench]) await window.openView('Models');
    hub().fault = () => null;
    await workbench.pressOnRow(workbench.downloadRow('other'), 'Pause Download');
    await workbench.modelRow('paused at').waitFor();
    await workbench.pressOnRow(workbench.downloadRow('other'), 'Resume Download');
    const told = [second, workbench].map((window) => window.notification('answers in the chat from now on'));
    await Promise.any(told.map((message) => message.waitFor()));
    // Longer than a window waits for the one that is in use.
    await workbench.page.waitForTimeout(3_000);
    assert.deepEqual((await Promise.all(told.map((message) => message.count()))).toSorted(), [0, 1]);
    await second.page.close();
  });
});

describe('a model file of the user', () => {
  // A context in numbers for which the budget has too little beside the completion model.
  const session = useSession({ settings: { 'workbench.colorTheme': 'Dark Modern' }, machineSettings: { 'seekpod.chat.contextSize': 2_048, 'seekpod.chat.slots': 32, 'seekpod.engine.memoryBudgetGb': 0.092 } });
  let workbench: Workbench;

  before(async () => {
    fs.copyFileSync(calfFile, path.join(session().workspace, 'mine.gguf'));
    fs.copyFileSync(calfFile, path.join(session().workspace, 'dropped.gguf'));
    session().write('broken.gguf', 'This is no model.');
    workbench = await session().open();
    await workbench.openView('Models');
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Import a GGUF File…' }).waitFor();
  });

  it('is taken into the list where it is, and can be given a role at once', async () => {
    await workbench.models.locator('.welcome-view').getByRole('button', { name: 'Import a GGUF File…' }).click();
    await workbench.chooseFile(path.join(session().workspace, 'mine.gguf'));
    const message = workbench.notification('is in the list of models now');
    await message.waitFor();
    await workbench.screenshot('models-dark-imported');
    await message.getByText('Use for Chat').click();
    await workbench.page.locator('.statusbar-item', { hasText: 'mine' }).waitFor();
    await workbench.modelRow(/in use for chat$/).waitFor();
  });

  it('gets the context that fits where the settings ask for more, and answers', async () => {
    await workbench.notification(/gets a context of [,0-9]+ tokens: there is no memory for 2048/).waitFor();
    await workbench.ask('What do calves eat?');
    await workbench.openView('Models');
  });

  it('is taken in by dropping it on the view', async () => {
    await workbench.openTab('dropped.gguf');
    await workbench.page.getByText('is not displayed in the text editor').waitFor();
    await workbench.page.locator('.tab', { hasText: 'dropped.gguf' }).dragTo(workbench.modelRow('Free disk space'));
    await workbench.notification('is in the list of models now').waitFor();
    await workbench.screenshot('models-dark-dropped');
  });

  it('is refused with its reason when it is none', async () => {
    // Of more than three messages VS Code tells by the bell alone.
    await workbench.command('Notifications: Clear All Notifications');
    await workbench.page.waitForTimeout(1_000);
    await workbench.command('Import a GGUF File');
    await workbench.chooseFile(path.join(session().workspace, 'broken.gguf'));
    await workbench.notification('is not a GGUF model file').waitFor();
    assert.equal(await workbench.modelRow('broken').count(), 0);
  });

  it('goes from the list, and stays where it is', async () => {
    const row = workbench.modelRow(/in use for chat$/);
    await workbench.command('Use a Model for Chat');
    await workbench.page.keyboard.press('Escape');
    await workbench.pressOnRow(workbench.modelRow('Calf').last(), 'Remove');
    await workbench.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Remove' }).click();
    await row.waitFor();
    assert.ok(fs.existsSync(path.join(session().workspace, 'dropped.gguf')));
  });
});
