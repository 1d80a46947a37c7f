import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

describe('the chat without a mouse and a screen', () => {
  const session = useSession();
  let workbench: Workbench;

  before(async () => {
    session().write('sum.ts', 'export const before = 1;\n');
    workbench = await session().open();
    await workbench.openFile('sum.ts');
    await workbench.ask('Write a function that adds two numbers.');
  });

  /** The buttons and fields that a screen reader finds no name for. */
  const unnamed = async (): Promise<string[]> => {
    const tree = await workbench.chat.locator('body').ariaSnapshot();
    return tree.split('\n').filter((line) => /^\s*- (button|textbox|menuitem|link|listitem|article|log|dialog|toolbar|region)(?: \[[^\]]*\])*:?$/.test(line));
  };
  const question = () => workbench.chat.getByRole('textbox', { name: 'Question', exact: true });

  it('names its buttons and fields to screen readers', async () => {
    await question().waitFor();
    assert.deepEqual(await unnamed(), []);
  });

  it('names them in the list of conversations', async () => {
    await workbench.chat.locator('.picker').press('Enter');
    await workbench.chat.getByRole('textbox', { name: 'Search conversations' }).waitFor();
    assert.deepEqual(await unnamed(), []);
    await workbench.page.keyboard.press('Escape');
    await workbench.chat.locator('.picker:focus').waitFor();
  });

  it('attaches a file, and asks about it, with the keyboard alone', async () => {
    await question().press('Tab');
    await workbench.page.keyboard.press('Enter');
    await workbench.chat.locator('.menu-item:focus', { hasText: 'Current file' }).waitFor();
    assert.deepEqual(await unnamed(), []);
    await workbench.page.keyboard.press('Enter');
    await workbench.chat.locator('.composer .chip', { hasText: 'sum.ts' }).waitFor();
    await workbench.page.keyboard.press('Shift+Tab');
    await workbench.chat.locator('.composer textarea:focus').waitFor();
    await workbench.page.keyboard.type('Write a function that reverses a string.');
    await workbench.page.keyboard.press('Enter');
    await workbench.chat.locator('article.question .chip', { hasText: 'sum.ts' }).waitFor();
    await workbench.lastAnswer.locator('.answer-footer').waitFor();
  });

  it('draws the focus of every control that Tab reaches', async () => {
    await question().click();
    const controls = new Set<string>();
    for (let step = 0; step < 12; step++) {
      await workbench.page.keyboard.press('Shift+Tab');
      const focus = await workbench.chat.locator('body').evaluate((body) => {
        const view = globalThis as unknown as { getComputedStyle(node: unknown): { outlineStyle: string } };
        const host = body.ownerDocument.activeElement;
        const inner = host?.shadowRoot?.activeElement ?? host;
        if (host === null || inner === null || inner === body) return undefined;
        const drawn = [host, inner].some((element) => view.getComputedStyle(element).outlineStyle !== 'none');
        return { name: host.getAttribute('aria-label') ?? host.tagName, drawn };
      });
      if (focus === undefined) break;
      assert.ok(focus.drawn, focus.name);
      controls.add(focus.name);
    }
    assert.ok(controls.has('Copy code') && controls.has('Conversation'), [...controls].join(', '));
  });
});
