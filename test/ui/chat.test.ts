import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

const question = 'Write a function that adds two numbers.';

describe('chat in the sidebar', () => {
  const session = useSession();
  let workbench: Workbench;

  before(async () => {
    session().write('sum.ts', '// sums\n');
    workbench = await session().open();
  });

  it('is not running an engine before the first question', () => {
    assert.deepEqual(session().engineProcesses(), { daemons: 0, workers: 0 });
  });

  it('says before the first question that the model is a small demonstration model', async () => {
    await workbench.command('Focus on Chat View');
    await workbench.chat.getByText('small demonstration model').first().waitFor();
    await workbench.screenshot('empty');
  });

  it('answers a question from the palette, and ends the answer with its tokens per second', async () => {
    await workbench.ask(question);
    assert.match((await workbench.lastAnswer.locator('pre').textContent()) ?? '', /a \+ b/);
    assert.match((await workbench.lastAnswer.locator('.answer-footer').textContent()) ?? '', /\d+ tokens.*tokens\/s/);
  });

  it('shows the tokens per second of the last answer in the status bar', async () => {
    await workbench.page.locator('.statusbar-item', { hasText: /tok\/s/ }).waitFor();
    assert.match((await workbench.status.textContent()) ?? '', /calf\S* [\d.]+ tok\/s/);
    await workbench.screenshot('chat');
  });

  it('shows the measures of the answer in the tooltip of the status bar', async () => {
    await workbench.status.hover();
    const tooltip = workbench.page.locator('.monaco-hover', { hasText: 'Time to first token' });
    await tooltip.waitFor();
    assert.match((await tooltip.textContent()) ?? '', /Prompt: \d+ tokens, \d+ cached, \d+ evaluated.*|Memory/);
    await workbench.screenshot('tooltip');
    await workbench.page.mouse.move(700, 300);
  });

  it('inserts a code block at the cursor', async () => {
    await workbench.openFile('sum.ts');
    await workbench.lastAnswer.locator('.code-block').first().hover();
    await workbench.lastAnswer.locator('vscode-button[title="Insert at cursor"]').first().click();
    await workbench.editor.locator('.view-line', { hasText: 'a + b' }).waitFor();
    await workbench.screenshot('inserted');
  });

  it('keeps the conversation when the window is reloaded', async () => {
    const answer = await workbench.lastAnswer.locator('.answer-body').textContent();
    await workbench.page.reload();
    await workbench.status.waitFor({ timeout: 60_000 });
    await workbench.command('Focus on Chat View');
    await workbench.chat.locator('article.question', { hasText: question }).waitFor();
    assert.equal(await workbench.lastAnswer.locator('.answer-body').textContent(), answer);
  });
});
