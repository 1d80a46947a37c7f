import assert from 'node:assert/strict';
import { useSession } from '../support/useSession.js';
import type { Workbench } from '../support/workbench.js';

/** Colour themes of VS Code, and the class that a webview's body has in them. */
const themes = [
  { theme: 'Dark Modern', kind: 'vscode-dark' },
  { theme: 'Light Modern', kind: 'vscode-light' },
  { theme: 'Default High Contrast', kind: 'vscode-high-contrast' },
  { theme: 'Default High Contrast Light', kind: 'vscode-high-contrast-light' },
] as const;

/** Relative luminance and contrast of WCAG 2.2 for two CSS colours `rgb(r, g, b)`. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

for (const { theme, kind } of themes) {
  describe(`the chat in the theme ${theme}`, () => {
    const session = useSession({ settings: { 'workbench.colorTheme': theme } });
    let workbench: Workbench;

    before(async () => {
      workbench = await session().open();
      await workbench.ask('Write a function that adds two numbers.');
    });

    it('has text that stands out from its background', async () => {
      await workbench.chat.locator(`body.${kind}`).waitFor();
      const [text, background] = await workbench.lastAnswer.locator('.answer-body').evaluate((element) => {
        const view = globalThis as unknown as { getComputedStyle(node: unknown): { color: string } };
        const probe = element.ownerDocument.createElement('i');
        probe.style.color = 'var(--vscode-sideBar-background)';
        element.append(probe);
        const colours = [view.getComputedStyle(element).color, view.getComputedStyle(probe).color] as const;
        probe.remove();
        return colours;
      });
      assert.ok(contrast(text, background) >= 4.5, `${text} on ${background}`);
      await workbench.screenshot(`theme-${kind}`);
    });
  });
}
