import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ramblingModel } from '../support/ramblingModel.js';
import { useSession } from '../support/useSession.js';
import type { VscodeSession } from '../support/vscodeSession.js';
import { watchFor } from '../support/watchFor.js';
import type { Workbench } from '../support/workbench.js';

/** So much of an answer is compared; what follows may be read as other markdown when more of it is there. */
const begun = 40;

async function textOf(workbench: Workbench): Promise<string> {
  return (await workbench.lastAnswer.locator('.answer-body').textContent()) ?? '';
}

/** Asks, and answers what the answer begins with while it is being written. */
async function beginAnswer(workbench: Workbench): Promise<string> {
  await workbench.command('Ask DeepSeek');
  await workbench.answerQuickInput('Tell me everything.');
  await workbench.chat.locator('article.answer.streaming').waitFor();
  let text = '';
  while (text.length < begun) text = await textOf(workbench);
  return text.slice(0, begun);
}

/** Waits until the beginning of the answer that is being written, and more than that, is on the disk. */
async function untilStored(session: VscodeSession): Promise<void> {
  const long = new RegExp(`"text":"[^"]{${2 * begun},}`);
  while (!session.storedConversations().some((text) => text.includes('"state":"writing"') && long.test(text))) await sleep(20);
}

describe('the death of the model process during an answer', () => {
  const session = useSession(ramblingModel);
  let workbench: Workbench;
  before(async () => {
    workbench = await session().open();
  });

  it('shows "recovering", and the answer goes on where it was', async () => {
    const before = await beginAnswer(workbench);
    const length = (await textOf(workbench)).length;
    const inChat = await watchFor(workbench.lastAnswer, 'being restarted');
    const inStatusBar = await watchFor(workbench.page.locator('.part.statusbar'), 'recovering');
    session().crash('worker');
    await Promise.all([inChat.shown(), inStatusBar.shown()]);
    await workbench.screenshot('recovering');
    await workbench.chat.locator('article.answer.streaming').waitFor();
    while ((await textOf(workbench)).length <= length) await sleep(20);
    assert.equal((await textOf(workbench)).slice(0, begun), before);
    assert.equal(await workbench.chat.locator('[role=alert]').count(), 0);
  });
});

describe('the death of the extension host during an answer', () => {
  const session = useSession(ramblingModel);
  let workbench: Workbench;
  before(async () => {
    workbench = await session().open();
  });

  it('leaves the conversation with the text so far', async () => {
    const before = await beginAnswer(workbench);
    await untilStored(session());
    session().crash('extensionHost');
    await workbench.page.reload();
    await workbench.status.waitFor({ timeout: 60_000 });
    await workbench.command('Focus on Chat View');
    await workbench.chat.locator('article.question', { hasText: 'Tell me everything.' }).waitFor();
    assert.equal((await textOf(workbench)).slice(0, begun), before);
    await workbench.lastAnswer.locator('.note', { hasText: 'Interrupted' }).waitFor();
    await workbench.screenshot('host-crashed');
  });

  it('leaves an engine that answers', async () => {
    await beginAnswer(workbench);
  });
});

describe('a view that goes away during an answer', () => {
  const session = useSession(ramblingModel);
  let workbench: Workbench;
  before(async () => {
    workbench = await session().open();
  });

  it('has all that was written meanwhile when it is shown again', async () => {
    const before = await beginAnswer(workbench);
    const { length } = await textOf(workbench);
    await workbench.page.keyboard.press('Control+Shift+E');
    await workbench.page.locator('.explorer-folders-view').waitFor();
    await workbench.command('Focus on Chat View');
    await workbench.lastAnswer.waitFor();
    while ((await textOf(workbench)).length <= length) await sleep(20);
    assert.equal((await textOf(workbench)).slice(0, begun), before);
    await workbench.chat.locator('vscode-button[title="Stop (Escape)"]').click();
    await workbench.lastAnswer.locator('.answer-footer').waitFor();
  });

  it('has the text so far after the window was reloaded', async () => {
    const before = await beginAnswer(workbench);
    await untilStored(session());
    await workbench.page.reload();
    await workbench.status.waitFor({ timeout: 60_000 });
    await workbench.command('Focus on Chat View');
    await workbench.lastAnswer.locator('.note', { hasText: 'Interrupted' }).waitFor();
    assert.equal((await textOf(workbench)).slice(0, begun), before);
  });
});
