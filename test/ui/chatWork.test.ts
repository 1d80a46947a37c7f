import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VscodeSession } from '../support/vscodeSession.js';
import type { Workbench } from '../support/workbench.js';

/** What the chat keeps of each workspace below a folder. */
function storedDrafts(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'chat.json')
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
}

const source = 'export const before = 1;\n';

describe('working with the chat', () => {
  let session: VscodeSession;
  let workbench: Workbench;

  before(async () => {
    session = await VscodeSession.start({ settings: { 'seekpod.chat.temperature': 0 } });
    session.write('sum.ts', source);
    workbench = await session.open();
    await workbench.ask('Write a function that adds two numbers.');
  });
  after(async () => {
    assert.deepEqual(await session.close(), []);
  });

  const line = (text: string) => workbench.editor.locator('.view-line', { hasText: text });
  const diff = () => workbench.page.locator('.tab', { hasText: 'proposed change' });
  const apply = async (): Promise<void> => {
    await workbench.lastAnswer.locator('[aria-label="Apply to file"]').first().click();
    await diff().waitFor();
  };

  it('shows a code block as a change of the file, and changes nothing when it is discarded', async () => {
    await workbench.openFile('sum.ts');
    await apply();
    await workbench.screenshot('proposed');
    await workbench.page.locator('.title-actions [aria-label="Discard Changes"], .editor-actions [aria-label="Discard Changes"]').first().click();
    await diff().waitFor({ state: 'detached' });
    assert.equal(await line('a + b').count(), 0);
  });

  it('changes the file when the change is accepted, and undo takes it back', async () => {
    await workbench.openFile('sum.ts');
    await apply();
    await workbench.page.locator('.title-actions [aria-label="Accept Changes"], .editor-actions [aria-label="Accept Changes"]').first().click();
    await diff().waitFor({ state: 'detached' });
    await line('a + b').waitFor();
    await workbench.screenshot('accepted');
    await workbench.editor.locator('.view-lines').click();
    await workbench.page.keyboard.press('Control+Z');
    await line('a + b').waitFor({ state: 'detached' });
  });

  it('explains the selection in a conversation of its own, with the tokens of what is attached', async () => {
    await workbench.editor.locator('.view-lines').click();
    await workbench.page.keyboard.press('Control+A');
    await workbench.command('Explain');
    await workbench.chat.locator('article.question .chip', { hasText: 'sum.ts' }).waitFor();
    await workbench.chat.locator('.chip-tokens', { hasText: /^\d+ tokens$/ }).waitFor();
    await workbench.lastAnswer.locator('.answer-footer').waitFor();
    assert.equal(await workbench.chat.locator('article.question').count(), 1);
    await workbench.screenshot('explained');
  });

  it('lists both conversations, and opens the other one with the keyboard alone', async () => {
    await workbench.chat.locator('.picker').press('Enter');
    await workbench.chat.locator('.conversation').nth(1).waitFor();
    await workbench.screenshot('conversations');
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('ArrowDown');
    await workbench.page.keyboard.press('Enter');
    await workbench.chat.locator('article.question', { hasText: 'adds two numbers' }).waitFor();
  });

  it('puts an edited question in the place of the old one', async () => {
    await workbench.chat.locator('article.question').hover();
    await workbench.chat.locator('vscode-button.edit').click();
    await workbench.chat.locator('.editing textarea:focus').waitFor();
    // Not Ctrl+A: VS Code selects all in a webview once more, when the first keys may be there already.
    await workbench.chat.locator('.editing textarea').fill('Write a function that reverses a string.');
    await workbench.page.keyboard.press('Enter');
    await workbench.chat.locator('article.question', { hasText: 'reverses a string' }).waitFor();
    await workbench.lastAnswer.locator('.answer-footer').waitFor();
    assert.equal(await workbench.chat.locator('article.question').count(), 1);
  });

  it('keeps an unsent question when the window is reloaded', async () => {
    const composer = workbench.chat.locator('.composer vscode-text-area textarea');
    await composer.click();
    await workbench.page.keyboard.type('not sent yet');
    // The host's copy is there soon after; the reload gives nobody time for more.
    while (!storedDrafts(path.dirname(session.workspace)).some((text) => text.includes('not sent yet'))) await sleep(20);
    await workbench.page.reload();
    await workbench.status.waitFor({ timeout: 60_000 });
    await workbench.command('Focus on Chat View');
    await composer.waitFor();
    await workbench.chat.locator('vscode-button.send:not([disabled])').waitFor();
    assert.equal(await composer.inputValue(), 'not sent yet');
  });
});
