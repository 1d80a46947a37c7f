import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

const code = [
  'export function greet(name: string): string {',
  '  return `Hello, ${name}!`;',
  '}',
  '',
  'export const double = (n: number): number => n * 2;',
  '',
  '',
].join('\n');

// The picture of the README is this suite's: `together.png`, copied to media/screenshot.png.
describe('chat beside a suggestion', () => {
  const session = useSession({
    settings: { 'workbench.colorTheme': 'Dark Modern', 'editor.autoClosingBrackets': 'never', 'editor.quickSuggestions': { other: 'off' }, 'editor.autoIndent': 'none' },
  });
  let workbench: Workbench;

  before(async () => {
    session().write('numbers.ts', code);
    workbench = await session().open();
  });

  it('shows both at once', async () => {
    await workbench.ask('Write a function that adds two numbers.');
    await workbench.lastAnswer.locator('summary').first().click();
    await workbench.openFile('numbers.ts');
    await workbench.page.keyboard.type('export function add(a: number, b: number): number {\n  return ', { delay: 30 });
    await workbench.untilGhostText(/a \+ b/);
    assert.match((await workbench.lastAnswer.locator('pre').textContent()) ?? '', /a \+ b/);
    await workbench.screenshot('together');
  });
});
