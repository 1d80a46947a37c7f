import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ramblingModel } from '../support/ramblingModel.js';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

describe('stopping an answer', () => {
  const session = useSession(ramblingModel);
  let workbench: Workbench;

  before(async () => {
    workbench = await session().open();
  });

  it('keeps the text that streamed so far, and says that it was stopped', async () => {
    await workbench.command('Ask DeepSeek');
    await workbench.answerQuickInput('Tell me everything.');
    const stop = workbench.chat.locator('vscode-button[title="Stop (Escape)"]');
    await workbench.chat.locator('article.answer.streaming').waitFor();
    const written = async (): Promise<number> => ((await workbench.lastAnswer.locator('.answer-body').textContent()) ?? '').length;
    const begun = await written();
    while ((await written()) <= begun) await sleep(20);
    await stop.click();
    await workbench.lastAnswer.locator('.note', { hasText: 'Stopped.' }).waitFor();
    assert.ok((await written()) > begun);
    await workbench.screenshot('stopped');
  });

  it('is done with Escape once the view has the focus', async () => {
    await workbench.command('Ask DeepSeek');
    await workbench.answerQuickInput('Tell me everything.');
    await workbench.chat.locator('article.answer.streaming').waitFor();
    await workbench.command('Focus on Chat View');
    await workbench.chat.locator('.composer textarea:focus').waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.lastAnswer.locator('.note', { hasText: 'Stopped.' }).waitFor();
  });

  it('is done with Escape after a press beside every control of the view', async () => {
    await workbench.command('Ask DeepSeek');
    await workbench.answerQuickInput('Tell me everything.');
    await workbench.chat.locator('article.answer.streaming').waitFor();
    await workbench.chat.locator('.composer .budget').click();
    await workbench.chat.locator('#app:focus').waitFor();
    await workbench.page.keyboard.press('Escape');
    await workbench.lastAnswer.locator('.note', { hasText: 'Stopped.' }).waitFor();
  });

  it('leaves the engine ready', async () => {
    await workbench.page.locator('.statusbar-item[id="seekpod.seekpod.seekpod.status"] .codicon-check').waitFor();
  });
});
