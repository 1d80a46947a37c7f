import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

describe('code completion', () => {
  const session = useSession({ settings: { 'editor.autoClosingBrackets': 'never', 'editor.quickSuggestions': { other: 'off' }, 'editor.autoIndent': 'none' } });
  let workbench: Workbench;

  before(async () => {
    session().write('add.ts', '');
    session().write('notes.ts', '');
    workbench = await session().open();
  });

  it('shows ghost text while typing', async () => {
    await workbench.openFile('add.ts');
    await workbench.page.keyboard.type('function add(a: number, b: number): number {\n  return ', { delay: 30 });
    await workbench.untilGhostText(/a \+ b/);
    await workbench.screenshot('ghost-text');
  });

  it('inserts it with Tab', async () => {
    await workbench.page.keyboard.press('Tab');
    await workbench.editor.locator('.view-line', { hasText: 'return a + b' }).waitFor();
  });

  it('shows none after it was turned off for the language', async () => {
    await workbench.command('Toggle Completion for This Language');
    await workbench.page.locator('.statusbar-item[id="seekpod.seekpod.seekpod.status"] .codicon-circle-slash').waitFor();
    await workbench.openFile('notes.ts');
    await workbench.page.keyboard.type('function add(a: number, b: number): number {\n  return ', { delay: 30 });
    await workbench.command('Trigger Completion');
    assert.equal(await workbench.ghostText.count(), 0);
  });
});
